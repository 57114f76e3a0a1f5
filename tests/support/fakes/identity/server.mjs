// A certified OpenID Connect provider on loopback; the tests tell it at /people who there is.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const people = new Map();
const server = createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  claims: {
    openid: ["sub", "realm_access"],
    email: ["email", "email_verified"],
    profile: ["name"],
  },
  cookies: { keys: ["a key for the tests alone"] },
  features: {
    devInteractions: { enabled: true },
    registration: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
  },
  // It calls nobody on loopback unless told to, and the page is there.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: (_, id) =>
    people.has(id) ? { accountId: id, claims: () => ({ sub: id, ...people.get(id) }) } : undefined,
  issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
  pkce: { required: () => true },
  // Nobody is asked for a consent: a company's administrator has given it for all.
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
  ttl: { Session: 3600, Grant: 3600, Interaction: 600, IdToken: 3600, AccessToken: 3600, RefreshToken: 3600 },
});

server.on("request", (request, response) => {
  if (request.url !== "/people") return provider.callback()(request, response);
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    for (const [id, claims] of Object.entries(JSON.parse(body))) claims ? people.set(id, claims) : people.delete(id);
    response.end("{}");
  });
});
console.log(issuer);
