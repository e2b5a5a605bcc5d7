"""An app as the documentation of Flask and of three of its extensions shows it."""

from __future__ import annotations

import os

from flask import Flask, flash, redirect, render_template_string, url_for
from flask.typing import ResponseReturnValue
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import DataRequired, Length


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
login_manager = LoginManager()

app = Flask(__name__)
app.config["SECRET_KEY"] = "only for the test in a browser"
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["NOTES_DATABASE"]
db.init_app(app)
login_manager.init_app(app)
login_manager.login_view = "login"


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str]


class Note(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str]
    text: Mapped[str]


class AccountForm(FlaskForm):
    name = StringField("Name", validators=[DataRequired()])
    password = PasswordField("Password", validators=[Length(min=8)])
    submit = SubmitField("Go")


class NoteForm(FlaskForm):
    text = StringField("Text", validators=[DataRequired()])
    submit = SubmitField("Keep")


with app.app_context():
    db.create_all()

PAGE = """
<!doctype html>
<title>Notes</title>
{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}
<p id="who">{{ current_user.name if current_user.is_authenticated else "nobody" }}</p>
<form method="post" novalidate>
  {{ form.hidden_tag() }}
  {% for field in form if field.name not in ("csrf_token", "submit") %}
    {{ field.label }} {{ field() }}
    {% for error in field.errors %}<span class="error">{{ error }}</span>{% endfor %}
  {% endfor %}
  {{ form.submit() }}
</form>
{% for note in notes %}<p>{{ note.author }}: {{ note.text }}</p>{% endfor %}
"""


@login_manager.user_loader
def load_user(user_id: str) -> User | None:
    return db.session.get(User, int(user_id))


@app.route("/sign-up", methods=["GET", "POST"])
def sign_up() -> ResponseReturnValue:
    form = AccountForm()
    if form.validate_on_submit():
        password = generate_password_hash(form.password.data, "pbkdf2:sha256:1000")
        db.session.add(User(name=form.name.data, password=password))
        db.session.commit()
        flash("You have an account.")
        return redirect(url_for("login"))
    return render_template_string(PAGE, form=form, notes=[])


@app.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    form = AccountForm()
    if form.validate_on_submit():
        chosen = db.select(User).filter_by(name=form.name.data)
        user = db.session.execute(chosen).scalar_one_or_none()
        if user and check_password_hash(user.password, form.password.data):
            login_user(user)
            return redirect(url_for("index"))
        flash("Name or password is wrong.")
    return render_template_string(PAGE, form=form, notes=[])


@app.route("/logout")
@login_required
def logout() -> ResponseReturnValue:
    logout_user()
    return redirect(url_for("login"))


@app.route("/", methods=["GET", "POST"])
@login_required
def index() -> ResponseReturnValue:
    form = NoteForm()
    if form.validate_on_submit():
        db.session.add(Note(author=current_user.name, text=form.text.data))
        db.session.commit()
        flash("Kept.")
        return redirect(url_for("index"))
    notes = db.session.execute(db.select(Note)).scalars()
    return render_template_string(PAGE, form=form, notes=notes)


@app.route("/framework")
def framework() -> str:
    return Flask.__module__
