// The reference page: one form per operation, filled from /v1/openapi.json and sent with fetch.
"use strict";

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const field = (parameter) => {
  const schema = parameter.schema || {};
  const plain = schema.anyOf ? schema.anyOf.find((s) => s.type !== "null") : schema;
  const choices = plain.enum || (plain.const !== undefined ? [plain.const] : plain.type === "boolean" ? ["true", "false"] : null);
  const input = choices
    ? make("select", {}, ...(parameter.required ? [] : [make("option", { value: "" })]), ...choices.map((c) => make("option", { value: c, textContent: c })))
    : make("input", { placeholder: schema.default ?? "", autocomplete: "off" });
  input.name = parameter.name;
  input.required = Boolean(parameter.required);
  input.dataset.in = parameter.in;
  const mark = parameter.required ? " *" : "";
  return make("label", {}, make("span", { textContent: parameter.name + mark }), input, make("small", { textContent: parameter.description || "" }));
};

const address = (path, form) => {
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("[name]")) {
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    else if (input.value !== "") query.set(input.name, input.value);
  }
  return query.size ? `${path}?${query}` : path;
};

const shown = async (response) => {
  const kind = response.headers.get("content-type") || "";
  const text = kind.includes("json") ? JSON.stringify(await response.json(), null, 2) : `${kind}, ${(await response.blob()).size} bytes`;
  return `${response.status} ${response.statusText}\n${text}`;
};

const operation = (path, method, declared) => {
  const output = make("pre", { hidden: true });
  const form = make("form", {}, ...(declared.parameters || []).map(field), make("button", { textContent: "Send" }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const target = address(path, form);
    output.hidden = false;
    output.textContent = `${method.toUpperCase()} ${target}\n…`;
    try {
      const response = await fetch(target, { method, headers: { "Accept-Language": document.documentElement.lang } });
      output.textContent = `${method.toUpperCase()} ${target}\n${await shown(response)}`;
    } catch (error) {
      output.textContent = String(error);
    }
  });
  const title = make("summary", {}, make("code", { textContent: `${method.toUpperCase()} ${path}` }));
  const about = `${declared.description || declared.summary || ""} [${declared["x-scope"]}]`;
  return make("details", { id: declared.operationId }, title, make("p", { textContent: about }), form, output);
};

const show = async () => {
  const api = await (await fetch("/v1/openapi.json")).json();
  const list = document.getElementById("operations");
  for (const [path, methods] of Object.entries(api.paths))
    for (const [method, declared] of Object.entries(methods)) list.append(operation(path, method, declared));
};

show();
