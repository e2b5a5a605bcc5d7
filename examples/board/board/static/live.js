// New messages appear in the page as they are written.
const list = document.getElementById("messages");

// Each is the HTML of one message, as the page has it.
function show(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const message = template.content.querySelector("article");
  if (message && !document.getElementById(message.id)) {
    list.querySelector(".empty")?.remove();
    list.prepend(message);
  }
}

// Where events do not arrive, such as behind some proxies, the page is asked instead.
async function ask() {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const messages = [...page.querySelectorAll("#messages article")];
  for (const message of messages.reverse()) show(message.outerHTML);
}

let asking = null;
const source = new EventSource(list.dataset.events);
source.onopen = () => {
  clearInterval(asking);
  asking = null;
};
source.onmessage = (event) => show(event.data);
source.onerror = () => {
  asking ??= setInterval(() => ask().catch(() => {}), 5000);
};
