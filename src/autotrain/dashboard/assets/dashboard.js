// What the grid and the title need of a browser; everything else is made on the server.
const functions = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
functions.TrialLink = (props) =>
  React.createElement('a', {href: props.data.href}, props.value);

new MutationObserver(() => {
  const heading = document.querySelector('#page h1');
  const title = heading ? `${heading.textContent} · autotrain` : 'autotrain';
  if (document.title !== title) document.title = title;
}).observe(document, {childList: true, subtree: true});

const dark = matchMedia('(prefers-color-scheme: dark)');
const colour = () => { document.documentElement.dataset.agThemeMode = dark.matches ? 'dark' : 'light'; };
dark.addEventListener('change', colour);
colour();
