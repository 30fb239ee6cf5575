// The contents at the side: they are open where there is room, and mark the section that is read.

function openWhereThereIsRoom() {
  const fold = document.querySelector("nav details");
  const wide = matchMedia("(min-width: 60rem)");
  const follow = () => (fold.open = wide.matches);
  wide.addEventListener("change", follow);
  follow();
}

/** Marks the link to the section that lies across a line a quarter down the window. */
function followScrolling() {
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const seen = (entries) => {
    for (const { target, isIntersecting } of entries) {
      const link = links.get(target.getAttribute("aria-labelledby"));
      if (isIntersecting) {
        link.setAttribute("aria-current", "location");
        // The list itself may be longer than the window.
        const list = link.closest("nav");
        if (list.scrollHeight > list.clientHeight) list.scrollTop = link.offsetTop - list.clientHeight / 2;
      } else link.removeAttribute("aria-current");
    }
  };
  const line = new IntersectionObserver(seen, { rootMargin: "-25% 0px -75% 0px" });
  for (const section of document.querySelectorAll("[aria-labelledby].part")) line.observe(section);
}
