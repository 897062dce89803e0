// Gives each cell of a table of many columns the name of its column, for the cards of narrow screens in custom.css,
// and lets names of tests, which are longer than a column, be broken.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll(".bd-article table")) {
    const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    table.classList.toggle("tests", [...table.querySelectorAll("code")].some((code) => code.textContent.includes("::")));
    if (heads.length < 5) continue;
    table.classList.add("wide");
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.children].forEach((cell, k) => cell.setAttribute("data-label", heads[k] ?? ""));
    }
  }
});
