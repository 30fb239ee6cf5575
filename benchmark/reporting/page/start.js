openWhereThereIsRoom();
followScrolling();
followColours();
for (const figure of document.querySelectorAll("figure[data-picture]")) {
  const name = figure.dataset.picture;
  figure.append(pictureTools(figure));
  if (data.charts[name]) drawChart(figure, data.charts[name]);
}
document.querySelectorAll("video").forEach(sayIfMissing);
const source = document.getElementById("datatables").textContent;
const { default: DataTable } = await import(`data:text/javascript;base64,${source}`);
DataTable.ext.errMode = "throw";
const tables = [...document.querySelectorAll("table.data")].map((table) => activated(DataTable, table));
unpagedInPrint(tables.filter((table) => table.page.info().recordsTotal > MOST));
listRuns(DataTable);
showLinked();
document.documentElement.dataset.ready = ""; // For those who wait for it.
