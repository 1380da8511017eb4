// An OpenID provider that nobody here wrote, with its own pages: `node server.js PORT CLIENT` on 127.0.0.1, where CLIENT
// is the JSON of one client's registration. Whoever logs in as `ann` has the address ann@example.org.
import Provider from "oidc-provider";

const [port, client] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [JSON.parse(client)],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  findAccount: (_, login) => ({
    accountId: login,
    claims: () => ({ sub: login, email: `${login}@example.org`, email_verified: true, name: "Ann Example" }),
  }),
});

provider.listen(Number(port), "127.0.0.1");
