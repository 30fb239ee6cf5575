// Tables that are sorted, filtered, and show where they are cut; the list of all runs.

const MOST = 60; // Rows of a table that are all shown; of more, a page at a time.
const PAGE = 25;
const FEW = 5; // Rows that need no filter.

/** Says on a box whether there is more of its content to the left or to the right. */
function markCut(box) {
  const mark = () => {
    const more = { left: box.scrollLeft > 1, right: box.scrollLeft + box.clientWidth < box.scrollWidth - 1 };
    box.parentElement.dataset.more = Object.keys(more).filter((side) => more[side]).join(" ");
  };
  box.addEventListener("scroll", mark, { passive: true });
  const watch = new ResizeObserver(mark);
  watch.observe(box);
  watch.observe(box.querySelector("table"));
}

function options(table, rows) {
  return {
    autoWidth: false,
    order: [],
    paging: rows > MOST,
    pageLength: PAGE,
    language: { search: "Filter:", emptyTable: "none", zeroRecords: "no row matches" },
    layout: {
      topStart: rows > FEW ? "search" : null,
      topEnd: null,
      bottomStart: rows > MOST ? "info" : null,
      bottomEnd: rows > MOST ? "paging" : null,
    },
    // The box around everything no longer scrolls, but the one around the table alone.
    initComplete() {
      const outer = table.closest(".scroll");
      const inner = outer.querySelector(".dt-layout-table > .dt-layout-cell");
      for (const name of ["role", "tabindex", "aria-labelledby"]) {
        inner.setAttribute(name, outer.getAttribute(name));
        outer.removeAttribute(name);
      }
      outer.classList.remove("scroll");
      inner.classList.add("scroll");
      markCut(inner);
    },
  };
}

/** What the list of all runs shows: titles, values, and decimals where they are numbers. */
const RUN_COLUMNS = [
  ["task", (run) => run.task],
  ["data", (run) => run.dataset?.kind ?? "unknown"],
  ["agent", (run) => agentName(run.agent)],
  ["seed", (run) => run.seed, 0],
  ["status", (run) => run.status],
  ["score", (run) => run.score, 1],
  ["solved (%)", (run) => run.success_rate, 1],
  ["gradient steps", (run) => run.steps_taken, 0],
  ["training (s)", (run) => run.seconds?.fit ?? null, 0],
];

function listRuns(DataTable) {
  const table = document.getElementById("runs");
  const words = (title, value) => ({ title, data: value, type: "string", render: DataTable.render.text() });
  const number = (title, value, decimals) => ({
    title,
    data: value,
    type: "num",
    className: "number",
    orderSequence: ["desc", "asc", ""],
    render: (value, kind) => (kind === "display" ? fixed(value, decimals) : value),
  });
  const link = (cell, _, run) => {
    const attributes = { href: LINK + encodeURIComponent(run.name), "aria-label": `open ${run.name}` };
    cell.replaceChildren(element("a", attributes, "open"));
  };
  const listed = new DataTable(table, {
    ...options(table, runs.length),
    data: runs,
    deferRender: true,
    columns: [
      { title: "record", data: null, defaultContent: "", orderable: false, createdCell: link },
      ...RUN_COLUMNS.map(([title, value, decimals]) => (decimals === undefined ? words : number)(title, value, decimals)),
    ],
  });
  const titles = RUN_COLUMNS.map(([title]) => title);
  const texts = () => [titles, ...listed.rows(SHOWN).data().toArray().map((run) => RUN_COLUMNS.map(([, value]) => String(value(run) ?? "")))];
  table.closest("section").append(tableTools("runs", texts, titles.length));
}

const SHOWN = { order: "applied", search: "applied" };

/** A table of the page, with its buttons. */
function activated(DataTable, node) {
  const table = new DataTable(node, options(node, node.tBodies[0].rows.length));
  const titles = table.columns().header().toArray().map((cell) => (cell.querySelector(".dt-column-title") ?? cell).textContent);
  const cells = (row) => [...row.cells].map((cell) => cell.textContent.trim());
  const texts = () => [titles, ...table.rows(SHOWN).nodes().toArray().map(cells), ...[...(node.tFoot?.rows ?? [])].map(cells)];
  const figure = node.closest("figure");
  figure.append(tableTools(figure.dataset.table, texts, node.querySelectorAll('thead [data-type="string"]').length));
  return table;
}

/** Printed tables have all their rows. */
function unpagedInPrint(tables) {
  const all = (length) => tables.forEach((table) => table.page.len(length).draw());
  addEventListener("beforeprint", () => all(-1));
  addEventListener("afterprint", () => all(PAGE));
}

function followColours() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark", dark.matches);
  dark.addEventListener("change", follow);
  follow();
}
