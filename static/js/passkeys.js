// Passkeys. The pages work without this file, by password and code; with it the browser's own dialogue opens.

const decode = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const withIds = (list) => (list ?? []).map((entry) => ({ ...entry, id: decode(entry.id) }));

async function create(options, isAlone) {
  const wanted = structuredClone(options.publicKey);
  wanted.challenge = decode(wanted.challenge);
  wanted.user.id = decode(wanted.user.id);
  wanted.excludeCredentials = withIds(wanted.excludeCredentials);
  wanted.authenticatorSelection = {
    ...wanted.authenticatorSelection,
    residentKey: isAlone ? "required" : "discouraged",
    requireResidentKey: isAlone,
  };
  if (isAlone) wanted.authenticatorSelection.userVerification = "required";
  const made = await navigator.credentials.create({ publicKey: wanted });
  return {
    id: made.id,
    rawId: encode(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: made.getClientExtensionResults(),
    response: {
      attestationObject: encode(made.response.attestationObject),
      clientDataJSON: encode(made.response.clientDataJSON),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

async function use(options) {
  const wanted = structuredClone(options.publicKey);
  wanted.challenge = decode(wanted.challenge);
  wanted.allowCredentials = withIds(wanted.allowCredentials);
  const found = await navigator.credentials.get({ publicKey: wanted });
  const { authenticatorData, clientDataJSON, signature, userHandle } = found.response;
  return {
    id: found.id,
    rawId: encode(found.rawId),
    type: found.type,
    authenticatorAttachment: found.authenticatorAttachment,
    clientExtensionResults: found.getClientExtensionResults(),
    response: {
      authenticatorData: encode(authenticatorData),
      clientDataJSON: encode(clientDataJSON),
      signature: encode(signature),
      userHandle: userHandle ? encode(userHandle) : null,
    },
  };
}

const optionsOfPage = () => JSON.parse(document.getElementById("passkey-options").textContent);

async function optionsForSignIn(form) {
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`passkey options: ${answer.status}`);
  return (await answer.json()).request_options;
}

const ceremonies = {
  "sign-in": async (form) => use(await optionsForSignIn(form)),
  use: async () => use(optionsOfPage().request_options),
  add: async (form) => create(optionsOfPage().creation_options, form.elements.passwordless?.checked ?? false),
};

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = false;
  for (const form of document.querySelectorAll("form[data-passkey-form]")) {
    const problem = form.querySelector("[data-passkey-error]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.hidden = true;
      try {
        const credential = await ceremonies[form.dataset.passkeyForm](form);
        form.elements.credential.value = JSON.stringify(credential);
        form.submit();
      } catch {
        problem.hidden = false;
      }
    });
  }
}
