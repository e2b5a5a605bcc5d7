// Opens the page of an error at the last frame of the program's own code. What calls it
// stands above, and what it has called below.
docReady(() => {
  const frames = [...document.querySelectorAll("div.traceback div.frame")];
  const own = frames.findLast(isOwn);
  if (!own || own === frames[0]) return;
  own.classList.add("own");
  own.querySelector("div.source").classList.add("expanded");
  const style = document.createElement("style");
  style.textContent = `
    .own { outline: 2px solid #11557c; outline-offset: 3px; }
    .debugger > .detail {
      position: sticky; top: 0; z-index: 1; max-height: 30vh; overflow: auto;
      background: #fff; border-bottom: 1px solid #11557c;
    }
  `;
  document.head.append(style);
  own.scrollIntoView({ block: "center" });
});

// Whether a frame is of a file below a folder of the program, and not of a package that
// is installed there, as in an environment of its own.
function isOwn(frame) {
  const file = frame.querySelector("cite.filename").textContent.slice(1, -1);
  const isInstalled = frame.querySelector("div.source.library") !== null;
  return !isInstalled && ROOTS.some((root) =>
    file.startsWith(root) && !/[\\/](site|dist)-packages[\\/]/.test(file.slice(root.length - 1))
  );
}
