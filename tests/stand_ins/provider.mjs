// A second OpenID provider, written by others: oidc-provider of npm. Whoever comes is signed in as "s-2".
// node provider.mjs FOLDER REDIRECT_URI, where FOLDER holds node_modules; it prints its issuer and serves until it is
// ended. GET /order/NAME says what goes wrong with the next tokens.
import { createRequire } from 'node:module';
import http from 'node:http';
import { pathToFileURL } from 'node:url';

const [folder, redirect] = process.argv.slice(2);
const find = createRequire(`${folder}/package.json`);
const load = (name) => import(pathToFileURL(find.resolve(name)));
const { default: Provider } = await load('oidc-provider');
const jose = await load('jose');

const server = http.createServer().listen(0, '127.0.0.1');
await new Promise((ready) => server.once('listening', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const own = await jose.generateKeyPair('RS256', { extractable: true });
const other = await jose.generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await jose.exportJWK(own.privateKey)), kid: 'own', alg: 'RS256', use: 'sig' };
let order = '';

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'earmark', client_secret: 's3cret of the client', redirect_uris: [redirect],
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  jwks: { keys: [jwk] },
  pkce: { required: () => true },
  claims: { openid: ['sub', 'roles'], profile: ['preferred_username'] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false } },
  findAccount: (_, id) => ({
    accountId: id, claims: () => ({ sub: id, preferred_username: 'boris', roles: ['iati-publishing'] }),
  }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
});

async function spoilt(token) {
  const claims = jose.decodeJwt(token);
  const header = { alg: 'RS256', kid: 'own' };
  const now = Math.floor(Date.now() / 1000);
  const changes = {
    'wrong-issuer': { iss: 'https://elsewhere.example.org' },
    'wrong-audience': { aud: 'somebody-else' },
    'wrong-nonce': { nonce: 'another' },
    expired: { exp: now - 120 },
    'other-subject': { sub: 'somebody else' },
  };
  if (order === 'none') return new jose.UnsecuredJWT(claims).encode();
  const key = order === 'wrong-key' ? other.privateKey : own.privateKey;
  return new jose.SignJWT({ ...claims, ...changes[order] }).setProtectedHeader(header).sign(key);
}

provider.use(async (ctx, next) => {
  if (ctx.path.startsWith('/order/')) {
    order = ctx.path.slice('/order/'.length);
    ctx.body = order;
    return;
  }
  if (ctx.path.startsWith('/interaction/')) {
    const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
    let result = { login: { accountId: 's-2' } };
    if (prompt.name === 'consent') {
      const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
      grant.addOIDCScope(params.scope);
      result = { consent: { grantId: await grant.save() } };
    }
    await provider.interactionFinished(ctx.req, ctx.res, result);
    ctx.respond = false;
    return;
  }
  await next();
  if (order && ctx.path === '/token' && ctx.body?.id_token) ctx.body.id_token = await spoilt(ctx.body.id_token);
});

server.on('request', provider.callback());
console.log(issuer);
