import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isExcepted, proxyFor, readProxy } from './proxy.ts';

const excepted = (endpoint: string, except: string): boolean => isExcepted(new URL(endpoint), except);

describe('NO_PROXY', () => {
  test('cases of Go', () => {
    const cases: readonly (readonly [endpoint: string, except: string, wanted: boolean])[] = [
      ['http://foo.com', 'foo.com', true],
      ['http://bar.foo.com', 'foo.com', true],
      ['http://barfoo.com', 'foo.com', false],
      ['http://foo.com.evil.example', 'foo.com', false],
      ['http://y.com', '.y.com', false],
      ['http://x.y.com', '.y.com', true],
      ['http://x.y.com', '*.y.com', true],
      ['http://y.com', '*.y.com', false],
      ['http://FOO.com', 'fOO.Com', true],
      ['http://foo.com.', 'foo.com', true],
      ['http://foo.com', 'foo.com:80', true],
      ['https://foo.com', 'foo.com:443', true],
      ['http://foo.com:8080', 'foo.com:80', false],
      ['http://a.foo.com:4318', '.foo.com:4318', true],
      ['http://anything.example', '*', true],
      ['http://anything.example', 'a.example, *', true],
      ['http://a.example', ' x , a.example ', true],
      ['http://a.example', 'x a.example', true],
      ['http://192.168.1.7', '192.168.1.7', true],
      ['http://192.168.1.7', '192.168.1.7:80', true],
      ['http://192.168.1.7', '192.168.1.7:81', false],
      ['http://192.168.1.7', '192.168.0.0/16', true],
      ['http://192.169.1.7', '192.168.0.0/16', false],
      ['http://192.168.1.7.example', '192.168.0.0/16', false],
      ['http://[fe80::1]', 'fe80::/10', true],
      ['http://[fe80::1]:4318', '[fe80::1]:4318', true],
      ['http://[fe80::1]:4318', '[fe80::1]:4317', false],
      ['http://[fe80::1]', 'FE80:0::1', true],
      ['http://[::ffff:10.1.2.3]', '10.0.0.0/8', true],
      ['http://bücher.example', 'bücher.example', true],
      ['http://xn--bcher-kva.example', 'BÜCHER.example', true],
      // What is none of these is passed over.
      ['http://foo.com', '', false],
      ['http://foo.com', '.', false],
      ['http://foo.com', ',, ,', false],
      ['http://foo.com', ':80', false],
      ['http://10.0.0.1', '10.0.0.1/33', false],
      ['http://10.0.0.1', '10.0.0.1/x', false],
    ];
    for (const [endpoint, except, wanted] of cases) {
      assert.equal(excepted(endpoint, except), wanted, `${endpoint} with ${except}`);
    }
  });

  test('this machine is never asked of a proxy', () => {
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.9.9.9', '[::1]', '[::ffff:127.0.0.1]']) {
      assert.equal(excepted(`http://${host}:4318`, ''), true, host);
    }
    for (const host of ['localhost.example', '128.0.0.1', '[::2]', '0.0.0.0']) {
      assert.equal(excepted(`http://${host}:4318`, ''), false, host);
    }
  });
});

describe('NO_PROXY, whatever the names and networks', () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));
  const junk = fc.array(fc.stringMatching(/^[a-z]{1,5}\.junk$/)).map((all) => all.join(','));

  test('a name stands for itself and what is below it, with a dot for what is below it alone', () => {
    fc.assert(
      fc.property(
        name,
        fc.option(label),
        junk,
        fc.integer({ min: 1, max: 65_535 }),
        (base, below, rest, port) => {
          const host = below === null ? base : `${below}.${base}`;
          const url = `http://${host}:${port}`;
          assert.equal(excepted(url, rest), false);
          assert.equal(excepted(url, `${rest},${base}`), true);
          assert.equal(excepted(url, `${rest}, .${base}`), below !== null);
          assert.equal(excepted(url, `*.${base} ,${rest}`), below !== null);
          assert.equal(excepted(url, `${base}:${port}`), true);
          assert.equal(excepted(url, `${base}:${(port % 65_535) + 1}`), false);
          // Not a part of a label.
          assert.equal(excepted(`http://x${base}:${port}`, base), false);
        },
      ),
    );
  });

  test('a network stands for the addresses whose first bits are its own', () => {
    const bits = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n });
    const dotted = (n: bigint): string => [24n, 16n, 8n, 0n].map((by) => String((n >> by) & 255n)).join('.');
    fc.assert(
      fc.property(
        bits,
        bits,
        fc.integer({ min: 0, max: 32 }),
        fc.boolean(),
        (network, other, prefix, isNear) => {
          // Two addresses of chance share no more than some bits; so one is made of the other.
          const mask = (2n ** 32n - 1n) ^ (2n ** BigInt(32 - prefix) - 1n);
          const address = isNear ? (network & mask) | (other & ~mask & (2n ** 32n - 1n)) : other;
          const wanted = (address & mask) === (network & mask) || address >> 24n === 127n;
          assert.equal(excepted(`http://${dotted(address)}`, `${dotted(network)}/${prefix}`), wanted);
        },
      ),
    );
  });

  test('no text is too strange', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(typeof excepted('https://hub.example:4318', text), 'boolean');
        readProxy(text);
      }),
    );
  });
});

describe('the proxy', () => {
  const settings = { https: 'secure.example:3128', http: 'http://plain.example', except: 'in.example' };
  const hostOf = (endpoint: string, isTunnelled: boolean): string | undefined =>
    proxyFor(new URL(endpoint), isTunnelled, settings)?.url.host;

  test('is that of HTTPS_PROXY where a tunnel is needed, else that of HTTP_PROXY', () => {
    assert.equal(hostOf('https://hub.example', true), 'secure.example:3128');
    assert.equal(hostOf('http://hub.example', false), 'plain.example');
    assert.equal(hostOf('https://hub.in.example', true), undefined);
    assert.equal(hostOf('http://127.0.0.1:4318', false), undefined);
  });

  test('its address is a URL or a host with a port, and may have a user', () => {
    assert.equal(readProxy('proxy:3128')?.url.href, 'http://proxy:3128/');
    assert.equal(readProxy(' proxy ')?.url.href, 'http://proxy/');
    assert.equal(readProxy('https://proxy:8443')?.url.href, 'https://proxy:8443/');
    assert.equal(readProxy('http://ann:p%40ss@proxy')?.authorization, `Basic ${btoa('ann:p@ss')}`);
    assert.equal(readProxy('ann:pw@proxy:3128')?.authorization, `Basic ${btoa('ann:pw')}`);
    assert.equal(readProxy('http://ann:100%@proxy')?.authorization, `Basic ${btoa('ann:100%')}`);
    for (const none of ['', ' ', 'socks5://proxy', 'http://', 'a b'])
      assert.equal(readProxy(none), undefined);
  });
});
