/* How the search ranks what it finds: first pages that say how something is done, last those of single names. */
var Scorer = {
  score: ([docname, , , , score]) => {
    const told = [[/^(howto|tutorial)\//, 40], [/^(start|help|glossary|concepts\/)/, 20], [/^generated\/api\//, -40]];
    const found = told.find(([pages]) => pages.test(docname));
    return score + (found ? found[1] : 0);
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
