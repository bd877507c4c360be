// The colours and the style of the page of scatterPage.

/** Colours of groups, told apart by most of the colour-blind, on light and on dark ground; further groups get hues of their own. */
export const LIGHT = [
  ...["#1f5fbf", "#d1610b", "#1a7f4b", "#b8303e", "#7a3fb0"],
  ...["#8a5a2b", "#c2408f", "#5c6773", "#8a8a00", "#0a8fa3"],
];
export const DARK = [
  ...["#6ea8ff", "#ff9f5a", "#55cf8c", "#ff7f8b", "#c596f2"],
  ...["#d0a070", "#ff8fd0", "#b3bec9", "#d6d63a", "#4fd3e6"],
];

export const STYLE = `:root{color-scheme:light dark;--paper:#fff;--ground:#f4f6f8;--ink:#1c2126;--soft:#56616c;--line:#d5dae0}
@media(prefers-color-scheme:dark){:root{--paper:#15181c;--ground:#0d0f12;--ink:#e8ebee;--soft:#a3aeb9;--line:#333b43}}
*{box-sizing:border-box}
html,body{height:100%}
body{margin:0;display:flex;flex-direction:column;font:16px/1.4 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
background:var(--ground);color:var(--ink)}
header{display:flex;flex-wrap:wrap;align-items:center;gap:6px 16px;padding:10px 16px}
header div{flex:1 1 260px;min-width:0}
h1{font-size:19px;line-height:1.25;margin:0;overflow-wrap:anywhere}p{margin:2px 0 0;color:var(--soft);font-size:14px}
form{display:flex;gap:6px;flex:1 1 300px;max-width:460px;align-items:center;margin:0}
input{flex:1;min-width:0;height:40px;padding:0 12px;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:8px}
button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:8px;cursor:pointer}
form button{width:40px;height:40px;flex:none;padding:0;font-size:19px;line-height:1}
button:hover{border-color:var(--soft)}
:focus-visible{outline:2px solid #3b82f6;outline-offset:1px}
output{font-size:14px;color:var(--soft);white-space:nowrap}
main{flex:1;min-height:0;display:flex;border-top:1px solid var(--line)}
#map{flex:1;min-width:0;min-height:0;position:relative;background:var(--paper);overflow:hidden}
canvas{position:absolute;inset:0;width:100%;height:100%;touch-action:none;cursor:grab;display:block}
canvas.drags{cursor:grabbing}
#tip{position:absolute;left:0;top:0;max-width:min(280px,80%);padding:5px 10px;font-size:15px;background:var(--ink);color:var(--paper);border-radius:7px;
pointer-events:none;overflow-wrap:anywhere;box-shadow:0 2px 8px #0005}
#tip small{display:block;font-size:13px;opacity:.8}
#tip[hidden]{display:none}
ul{list-style:none;margin:0;padding:10px;width:220px;flex:none;overflow:auto;border-left:1px solid var(--line)}
li button{display:flex;align-items:center;gap:8px;width:100%;padding:6px 8px;text-align:left;background:none;border-color:transparent;font-size:15px}
li button[aria-pressed=false]{opacity:.4}
li i{width:12px;height:12px;flex:none;border-radius:50%}
li span{flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
li small{font-size:13px;color:var(--soft)}
@media(max-width:640px){header{padding:10px 12px}form{max-width:none}main{flex-direction:column}
ul{width:auto;max-height:112px;display:flex;flex-wrap:wrap;gap:0 4px;padding:6px 8px;border-left:0;border-top:1px solid var(--line)}
li button{min-height:40px;width:auto;max-width:60vw}input{font-size:16px}}`;
