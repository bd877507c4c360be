// The style of the page of forecastPage.
export const FORECAST_STYLE = `:root{color-scheme:light dark;--paper:#fff;--ground:#f4f6f8;--ink:#1c2126;--soft:#56616c;--line:#d5dae0;--ahead:#1f5fbf;--back:#c2530a}
@media(prefers-color-scheme:dark){:root{--paper:#15181c;--ground:#0d0f12;--ink:#e8ebee;--soft:#a3aeb9;--line:#333b43;--ahead:#79b0ff;--back:#ff9f5a}}
*{box-sizing:border-box}
body{margin:0 auto;padding:16px;max-width:1100px;font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;background:var(--ground);color:var(--ink)}
h1{font-size:21px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}p{margin:2px 0;color:var(--soft);max-width:70ch}
form{display:flex;flex-wrap:wrap;gap:4px 20px;margin:8px 0;font-size:15px;color:var(--soft)}
label{display:flex;align-items:center;gap:8px;min-height:40px;max-width:100%}
[hidden]{display:none!important}
select{font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:8px;height:40px;padding:0 8px;min-width:0;max-width:60vw}
input{width:min(220px,45vw);height:40px;accent-color:var(--ahead)}
main{position:relative;background:var(--paper);border:1px solid var(--line);border-radius:10px}
#chart{touch-action:pan-y;cursor:crosshair;border-radius:10px}
#chart:focus-visible{outline:2px solid #3b82f6;outline-offset:1px}
svg{display:block;width:100%}
svg text{font-size:13px;fill:var(--soft)}
.grid{stroke:var(--line)}.axis{stroke:var(--soft)}
path{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.value{stroke:var(--ink)}.ahead{stroke:var(--ahead)}.back{stroke:var(--back);stroke-width:1.2;opacity:.55}.back.at{stroke-width:2.4;opacity:1}
.band{stroke:none;fill:var(--ahead);opacity:.2}.band.past{fill:var(--back)}
.cross{stroke:var(--soft);stroke-dasharray:3 3}
circle{stroke:var(--paper);stroke-width:1.5}.dot-value{fill:var(--ink)}.dot-ahead{fill:var(--ahead)}.dot-back{fill:var(--back)}
#tip{position:absolute;left:0;top:0;max-width:min(300px,85%);padding:6px 10px;font-size:15px;line-height:1.35;background:var(--ink);color:var(--paper);border-radius:7px;pointer-events:none;overflow-wrap:anywhere}
#tip b{display:block}
ul{list-style:none;display:flex;flex-wrap:wrap;gap:4px 20px;margin:10px 4px;padding:0;font-size:15px}
li{display:flex;align-items:center;gap:8px}li svg{width:28px;height:14px;flex:none}
@media(max-width:640px){body{padding:10px}h1{font-size:19px}select,input{font-size:16px}}`;
