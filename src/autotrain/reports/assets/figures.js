// Draws each figure of a page when it comes into view, and all of them before the page is printed.
const draw = (place) => {
  const plot = JSON.parse(place.closest('figure').querySelector('script').textContent);
  Plotly.react(place, plot.data, plot.layout, {responsive: true, displaylogo: false});
};
const places = document.querySelectorAll('.plot');
const watcher = new IntersectionObserver((entries) => {
  for (const {isIntersecting, target} of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    draw(target);
  }
}, {rootMargin: '400px'});
places.forEach((place) => watcher.observe(place));
addEventListener('beforeprint', () => places.forEach(draw));
