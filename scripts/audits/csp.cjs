// Reads {page: policy} and writes what csp_evaluator finds, each finding with its page.

const { CspEvaluator } = require("csp_evaluator/dist/evaluator.js");
const { CspParser } = require("csp_evaluator/dist/parser.js");

const pages = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const found = Object.entries(pages).flatMap(([page, policy]) =>
  new CspEvaluator(new CspParser(policy).csp).evaluate().map(({ severity, directive, value, description }) => ({
    page, severity, directive, value: value ?? "", description,
  })));
console.log(JSON.stringify(found));
