// Shows one page where the network does not answer. Keeps that page and its files, nothing else.
const store = `offline-${facts.version}`;
const kept = [...Object.values(facts.pages), ...facts.files];

self.addEventListener("install", (event) => {
  self.skipWaiting();
  // "reload": what is kept comes from the server, and without the reader's cookies.
  const fresh = kept.map((address) => new Request(address, { cache: "reload", credentials: "omit" }));
  event.waitUntil(caches.open(store).then((cache) => cache.addAll(fresh)));
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name !== store) await caches.delete(name);
    await self.registration.navigationPreload?.enable();
  };
  event.waitUntil(tidy());
});

const openPage = async (event) => {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch (failure) {
    const language = new URL(event.request.url).pathname.split("/")[1];
    const page = await caches.match(facts.pages[language] || facts.pages[facts.fallback], { ignoreVary: true });
    if (page) return page;
    throw failure;
  }
};

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET") return;
  if (mode === "navigate") event.respondWith(openPage(event));
  else if (facts.files.includes(new URL(url).pathname)) {
    event.respondWith(fetch(event.request).catch(() => caches.match(event.request, { ignoreVary: true })));
  }
});
