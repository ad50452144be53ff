// An IPFS daemon that belongs to one private swarm and reaches nothing else: no discovery, no routing, no relay, TCP on the
// loopback interface only. For tests and the sandbox; a hospital runs Kubo.
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { preSharedKey } from 'libp2p/pnet'
import { base32 } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'

const usage = `Usage: IPFS_PATH=FOLDER SWARM_KEY_FILE=FILE node daemon.mjs [--help]

Runs an IPFS daemon in the private swarm of a key, on 127.0.0.1 only, until it gets SIGTERM or SIGINT. When it serves it prints
one line: "ready" and a JSON object with its addresses (rpc, gateway, swarm) and its peer id.

  IPFS_PATH         folder of the repository; made where it is not there
  SWARM_KEY_FILE    the swarm's key: /key/swarm/psk/1.0.0/, /base16/ and 64 hexadecimal digits, each on a line
  RPC_PORT, SWARM_PORT, GATEWAY_PORT
                    where to listen; 0, the default, lets the system choose
  STOP_WITH_STDIN   1: also stop when standard input ends, that is, with the process that started this one

Exit status: 0 stopped as told, 1 a failure, 2 wrong usage.`

function wrongUsage (message) {
  console.error(`${message}\n--help tells how to use it.`)
  process.exit(2)
}

const [argument] = process.argv.slice(2)
if (argument === '--help' || argument === '-h') {
  console.log(usage)
  process.exit(0)
}
if (argument !== undefined) wrongUsage(`unknown option: ${argument}`)

const repository = process.env.IPFS_PATH || wrongUsage('IPFS_PATH is not set.')
const keyFile = process.env.SWARM_KEY_FILE || wrongUsage('SWARM_KEY_FILE is not set; without a key the daemon would be a public one.')

function port (name) {
  const text = process.env[name] ?? '0'
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? text : wrongUsage(`${name} is '${text}'; it must be a port.`)
}

function readKey () {
  try {
    const key = readFileSync(keyFile)
    preSharedKey({ psk: key })()
    return key
  } catch (e) {
    return wrongUsage(`The swarm key '${keyFile}' cannot be used: ${e.message}`)
  }
}

const [psk, rpcPort, swarmPort, gatewayPort] = [readKey(), port('RPC_PORT'), port('SWARM_PORT'), port('GATEWAY_PORT')]

// Loaded late: wrong usage should not have to wait for some hundred modules.
const [{ Daemon }, { createLibp2p }, { tcp }] = await Promise.all([import('ipfs-daemon'), import('libp2p'), import('@libp2p/tcp')])

// Part of newer versions of Node.js; the packages take it for granted.
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new Promise((yes, no) => { resolve = yes; reject = no })
  return { promise, resolve, reject }
}
// A stream that a peer breaks off must not end the daemon.
process.on('unhandledRejection', reason => console.error('unhandled rejection:', reason?.message))

let libp2p
const daemon = new Daemon({
  repo: repository,
  silent: true,
  preload: { enabled: false },
  init: { algorithm: 'Ed25519', emptyRepo: true },
  config: {
    Addresses: {
      Swarm: [`/ip4/127.0.0.1/tcp/${swarmPort}`],
      Announce: [],
      NoAnnounce: [],
      API: `/ip4/127.0.0.1/tcp/${rpcPort}`,
      Gateway: '',
      RPC: '',
      Delegates: []
    },
    Bootstrap: [],
    Discovery: { MDNS: { Enabled: false }, webRTCStar: { Enabled: false } },
    Pubsub: { Enabled: false },
    Routing: { Type: 'none' },
    Swarm: { DisableNatPortMap: true }
  },
  libp2p: async ({ libp2pOptions }) => {
    libp2p = await createLibp2p({
      ...libp2pOptions,
      connectionProtector: preSharedKey({ psk }),
      transports: [tcp()],
      peerDiscovery: [],
      contentRouters: [],
      peerRouters: [],
      nat: { enabled: false },
      relay: { enabled: false, hop: { enabled: false } }
    })
    return libp2p
  }
})

// Where the repository keeps a block; the daemon's own interface would ask the swarm for what is not here.
function blockFile (cid) {
  const key = base32.encode(cid.multihash.bytes).slice(1).toUpperCase()
  return join(repository, 'blocks', key.slice(-3, -1), `${key}.data`)
}

// What another member may ask: a block as this machine holds it, nothing fetched, nothing listed, nothing written.
const gateway = createServer(async (request, response) => {
  const answer = (status, body) => response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(body)
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'GET or HEAD\n')
    const url = new URL(request.url, 'http://gateway')
    const [, name] = url.pathname.match(/^\/ipfs\/([a-zA-Z0-9]{1,128})$/) ?? []
    if (name === undefined || url.searchParams.get('format') !== 'raw') return answer(400, 'only /ipfs/{cid}?format=raw\n')
    const block = await readFile(blockFile(CID.parse(name)))
    response.writeHead(200, { 'Content-Type': 'application/vnd.ipld.raw', 'Content-Length': block.length })
    response.end(request.method === 'HEAD' ? undefined : block)
  } catch (e) {
    if (e.code === 'ENOENT') return answer(404, 'not held here\n')
    answer(e.code === undefined ? 400 : 500, `${e.code ?? 'not a CID'}\n`)
  }
})

let stopping = false
async function stop (status) {
  if (stopping) return
  stopping = true
  gateway.close()
  await daemon.stop().catch(e => console.error(e.message))
  process.exit(status)
}
process.on('SIGTERM', () => stop(0))
// Ctrl+C reaches all that a terminal runs: whoever holds the standard input ends this daemon when it is done with it.
process.on('SIGINT', () => { if (process.env.STOP_WITH_STDIN !== '1') stop(0) })
if (process.env.STOP_WITH_STDIN === '1') process.stdin.on('end', () => stop(0)).on('error', () => stop(0)).resume()

try {
  await daemon.start()
  // Node.js breaks a request off after five minutes; on a busy machine a long record takes longer than that.
  for (const server of daemon._httpApi._apiServers) server.listener.requestTimeout = 0
  await new Promise((resolve, reject) => gateway.once('error', reject).listen(Number(gatewayPort), '127.0.0.1', resolve))
} catch (e) {
  console.error(`The daemon did not start: ${e.message}`)
  process.exit(1)
}
const rpc = readFileSync(join(repository, 'api'), 'utf8').trim().split('/')
console.log('ready ' + JSON.stringify({
  peer: libp2p.peerId.toString(),
  rpc: `http://127.0.0.1:${rpc[4]}`,
  gateway: `http://127.0.0.1:${gateway.address().port}`,
  swarm: libp2p.getMultiaddrs()[0].toString()
}))
