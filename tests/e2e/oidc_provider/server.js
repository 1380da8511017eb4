// An OpenID provider that nobody here wrote, with its own pages: `node server.js PORT CONFIGURATION` on 127.0.0.1, where
// CONFIGURATION is JSON and names its clients. Whoever logs in as `ann` has the address ann@example.org.
import Provider from "oidc-provider";

const [port, configuration] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  findAccount: (_, login) => ({
    accountId: login,
    claims: () => ({ sub: login, email: `${login}@example.org`, email_verified: true, name: "Ann Example" }),
  }),
  ...JSON.parse(configuration),
});

provider.listen(Number(port), "127.0.0.1");
