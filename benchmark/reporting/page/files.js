// Tables as CSV, LaTeX or a copy, pictures as files: all made from what is in the page.

/** Hands a file to the browser, to be kept. */
function keep(name, content, kind) {
  const address = URL.createObjectURL(new Blob([content], { type: kind }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Puts text where it can be pasted from; also where pages have no clipboard. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = element("textarea", { "aria-hidden": "true" });
    field.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

/** A button that copies and says so for a moment. */
function copyButton(label, text) {
  const node = button("Copy", label, async () => {
    await copy(text());
    node.textContent = "Copied";
    setTimeout(() => (node.textContent = "Copy"), 2000);
  });
  return node;
}

// A number with what may follow it: a standard error, an interval, the end of a range, a remark.
const NUMBER = /^(-?[\d,]*\.?\d+)(?: ± (-|[\d.]+))?(?: \[(-|-?[\d.]+), (-|-?[\d.]+)\])?(?: to ([\d,.]+))?(?: (?!\/)(?:\(([^()]*)\)|(.+)))?$/;

/** Cells of a column -> columns of one number each: `1.0 ± 0.5` becomes two. */
function columnsOf(title, cells) {
  const parts = cells.map((text) => NUMBER.exec(text));
  const value = (part, index) => part?.[index] ?? (index === 6 ? part?.[7] : undefined);
  const found = (index) => parts.map((part) => value(part, index)?.replace(/^-$/, "") ?? "");
  const names = ["", " standard error", " low", " high", " up to", " remark"];
  const columns = names.map((name, index) => [title + name, ...found(index + 1)]);
  columns[0] = [title, ...cells.map((text, index) => parts[index]?.[1].replaceAll(",", "") ?? text)];
  return columns.filter((column, index) => !index || column.slice(1).some(Boolean));
}

function csv(rows) {
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

/** Rows of texts -> CSV with one value in each cell; the first row has the titles. */
function tidyCsv([titles, ...rows], textColumns) {
  const columns = titles.flatMap((title, index) => {
    const cells = rows.map((row) => row[index]);
    return index < textColumns ? [[title, ...cells]] : columnsOf(title, cells);
  });
  return csv(columns[0].map((_, row) => columns.map((column) => column[row])));
}

function tools(what, ...buttons) {
  return element("div", { class: "tools", role: "group", "aria-label": `Files of ${what}` }, ...buttons);
}

/** The buttons of a table; `texts` gives its rows as they are sorted and filtered now. */
function tableTools(name, texts, textColumns) {
  const latex = data.latex[name];
  const buttons = [
    button("CSV", `${name} as CSV`, () => keep(`${name}.csv`, tidyCsv(texts(), textColumns), "text/csv")),
    copyButton(`copy ${name}`, () => texts().map((row) => row.join("\t")).join("\n")),
  ];
  if (latex) buttons.splice(1, 0, button("LaTeX", `${name} as LaTeX`, () => keep(`${name}.tex`, latex, "text/x-tex")));
  return tools(name, ...buttons);
}

/** The buttons of a picture. */
function pictureTools(figure) {
  const name = figure.dataset.picture;
  const [, kind, content] = /^data:image\/(\w+);base64,(.*)$/.exec(figure.querySelector("img").src);
  const buttons = [button(kind.toUpperCase(), `${name} as ${kind.toUpperCase()}`, () => keep(`${name}.${kind}`, bytes(content), `image/${kind}`))];
  const pdf = data.pdf[name];
  if (pdf) buttons.push(button("PDF", `${name} as PDF`, () => keep(`${name}.pdf`, bytes(pdf), "application/pdf")));
  return tools(name, ...buttons);
}

/** A video is a file beside the page: where the page came alone, it says so. */
function sayIfMissing(video) {
  const say = () => video.replaceWith(element("p", { class: "hint" }, "It cannot be played here: its file lies beside the report."));
  if (video.error || video.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) say();
  else video.addEventListener("error", say);
}
