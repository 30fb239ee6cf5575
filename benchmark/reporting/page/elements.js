// What all parts of the program use: the page's data, and elements made of text.
// Text from records only ever becomes text: no markup is put together from it.

const SVG = "http://www.w3.org/2000/svg";

/** Bytes written in base64. */
function bytes(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** The page's data, which lies in it as compressed JSON. */
async function unpackedData() {
  const packed = new Blob([bytes(document.getElementById("data").textContent)]);
  return new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

/** One object for each run, made from the rows and what they share. */
function unpackedRuns({ columns, rows, pooled, pool }) {
  const shared = columns.map((column) => pooled.includes(column));
  return rows.map((row) => {
    const values = row.map((value, index) => (shared[index] ? pool[value] : value));
    const run = Object.fromEntries(columns.map((column, index) => [column, values[index]]));
    return { ...run, cell: `${run.task}/${run.agent}`, name: `${run.task}/${run.agent}/seed-${run.seed}` };
  });
}

/** Gives an element its attributes, and children that are elements or text. */
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function drawing(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** A button that does something when it is pressed. */
function button(text, label, press) {
  const node = element("button", { type: "button", "aria-label": label }, text);
  node.addEventListener("click", press);
  return node;
}

function fixed(value, decimals) {
  return typeof value === "number" ? value.toFixed(decimals) : "-";
}

function counted(number, what) {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

const data = await unpackedData();
const runs = unpackedRuns(data.runs);
