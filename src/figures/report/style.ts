/** The look of the report: for a screen, light or dark, for a phone, and for paper. Nothing is fetched. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1b2430; --faint: #5c6875; --axis: #8a95a1;
  --grid: #e4e8ec; --right: #1a8754; --wrong: #c8373f; --page: #f6f7f9; --link: #0060a0; }
@media (prefers-color-scheme: dark) { :root { --paper: #171c22; --ink: #e7ebef; --faint: #a3adb8; --axis: #76818d;
  --grid: #2c343d; --right: #4cc38a; --wrong: #ff7b7b; --page: #0f1317; --link: #6cb8f0;
  --series-0: #5aaee6; --series-1: #ff8a4c; --series-2: #3ecfa3; --series-3: #f2b93b; --series-4: #8fd0f5;
  --series-5: #b79ad6; --series-6: #c9a66b; --series-7: #a0a9b4; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 48px 0 8px; border-top: 1px solid var(--grid); padding-top: 24px; }
p { margin: 8px 0; max-width: 72ch; }
.faint { color: var(--faint); }
nav { margin: 16px 0 0; display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 0.92rem; }
a { color: var(--link); }
.key { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 24px 0 8px; }
.key div { background: var(--paper); border: 1px solid var(--grid); border-radius: 10px; padding: 12px 16px; }
.key b { display: block; font-size: 1.55rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.key span { color: var(--faint); font-size: 0.85rem; }
.scroll { overflow-x: auto; margin: 12px 0; background: var(--paper); border: 1px solid var(--grid); border-radius: 10px; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
caption { text-align: left; padding: 10px 14px 2px; color: var(--faint); }
th, td { padding: 7px 14px; text-align: left; border-bottom: 1px solid var(--grid); vertical-align: baseline; }
tbody tr:last-child td { border-bottom: 0; }
th { font-weight: 600; white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td small { color: var(--faint); display: block; font-size: 0.8em; }
figure { margin: 16px 0; background: var(--paper); border: 1px solid var(--grid); border-radius: 10px; overflow-x: auto; }
figure svg { display: block; margin: 0 auto; height: auto; max-width: 100%; }
pre { overflow-x: auto; background: var(--paper); border: 1px solid var(--grid); border-radius: 10px; padding: 14px;
  font-size: 0.82rem; line-height: 1.45; }
.tree, .tree ul { list-style: none; margin: 0; padding: 0 0 0 18px; }
.tree { padding: 12px 16px; background: var(--paper); border: 1px solid var(--grid); border-radius: 10px; }
.tree li { margin: 2px 0; }
.tree summary { cursor: pointer; padding: 2px 0; overflow-wrap: anywhere; }
.tree img { width: 28px; height: 28px; vertical-align: middle; background: #fff; border-radius: 4px; margin-left: 3px; }
.tree .leaves { color: var(--faint); font-size: 0.88rem; overflow-wrap: anywhere; }
.note { border-left: 4px solid var(--axis); padding: 2px 0 2px 14px; }
@media (max-width: 640px) { main { padding: 20px 14px 48px; } h1 { font-size: 1.5rem; }
  figure svg { width: 600px; max-width: none; } td, th { padding: 6px 9px; } }
@media print { :root { color-scheme: light; --paper: #fff; --page: #fff; --ink: #000; --faint: #444; --axis: #777; --grid: #ccc;
    --right: #1a8754; --wrong: #c8373f; }
  body { font-size: 11pt; } main { max-width: none; padding: 0; } nav { display: none; }
  figure, .scroll, pre { border: 0; overflow: visible; } figure, tr { break-inside: avoid; } h2 { break-after: avoid; }
  pre { white-space: pre-wrap; } }
`;
