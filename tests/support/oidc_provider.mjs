// A real provider of OpenID Connect for tests: whoever logs in is who the form says, and keys and clients live as long as the process.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [modules, port, redirect] = process.argv.slice(2);
const found = createRequire(modules + "/").resolve("oidc-provider");
const { Provider } = await import(pathToFileURL(found));
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: "qunxue", client_secret: "a canary of a client", redirect_uris: [redirect], grant_types: ["authorization_code"] }],
  claims: { openid: ["sub", "employee_number", "amr"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, employee_number: id.startsWith("n-") ? id.slice(2) : undefined }),
  }),
});

// Whoever writes "+otp" behind their name has also shown a second factor.
const finished = provider.interactionFinished.bind(provider);
provider.interactionFinished = (req, res, result, options) => {
  const said = result.login?.accountId?.endsWith("+otp");
  if (said) result.login = { ...result.login, accountId: result.login.accountId.slice(0, -4), amr: ["pwd", "otp"] };
  return finished(req, res, result, options);
};

createServer(provider.callback()).listen(Number(port), "127.0.0.1");
