// Packs the built console: every file as it is, by gzip and by brotli, one after another in one file, and the
// table of them in C (struct console of api/console.h). The same files give the same bytes.
//
//     node tools/pack-console.mjs DIST|- C_FILE PACK_FILE DEPFILE TARGET CONSOLE
//
// DIST "-": no files, a buoyd without the console. DEPFILE tells ninja what TARGET was made from: all that is
// in CONSOLE, and its folders, so that a new file counts, too.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const TYPES = {
	html: 'text/html; charset=utf-8',
	js: 'text/javascript; charset=utf-8',
	css: 'text/css; charset=utf-8',
	json: 'application/json',
	webmanifest: 'application/manifest+json',
	svg: 'image/svg+xml',
	png: 'image/png',
	jpg: 'image/jpeg',
	gif: 'image/gif',
	webp: 'image/webp',
	ico: 'image/x-icon',
	woff2: 'font/woff2',
	woff: 'font/woff',
	ttf: 'font/ttf',
	txt: 'text/plain; charset=utf-8',
}
// Vite puts a hash of the content into these names.
const HASHED = /^assets\/.*-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/
const ALIGN = 16

function* walk(folder, skip) {
	yield folder
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name)
		if (skip.includes(entry.name)) continue
		if (entry.isDirectory()) yield* walk(path, skip)
		else if (entry.isFile()) yield path
	}
}

function filesOf(dist) {
	const files = readdirSync(dist, { recursive: false, withFileTypes: true }).length ? [...walk(dist, [])] : []
	const names = files.map((path) => relative(dist, path)).filter((name) => /\.[a-z0-9]+$/.test(name) && !name.endsWith('.map'))
	// As strcmp orders them: the server searches by halves.
	return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

const packed = []
let offset = 0

function put(data) {
	const at = offset
	const padding = (ALIGN - (data.length % ALIGN)) % ALIGN
	packed.push(data, Buffer.alloc(padding))
	offset += data.length + padding
	return `{console_pack + ${at}, ${data.length}}`
}

// A coding that saves less than a tenth is not worth its place: pictures and fonts are compressed already.
function putIfSmaller(data, plain) {
	return data.length < plain.length * 0.9 ? put(data) : '{NULL, 0}'
}

function row(dist, name) {
	const data = readFileSync(join(dist, name))
	const type = TYPES[name.split('.').pop()]
	if (!type) throw new Error(`console: no content type is known for ${name}`)
	if (!/^[A-Za-z0-9._/-]+$/.test(name)) throw new Error(`console: a file may not be called ${name}`)
	const tag = createHash('sha256').update(data).digest('hex').slice(0, 20)
	const brotli = brotliCompressSync(data, {
		params: {
			[constants.BROTLI_PARAM_QUALITY]: 11,
			[constants.BROTLI_PARAM_LGWIN]: 22,
			[constants.BROTLI_PARAM_SIZE_HINT]: data.length,
		},
	})
	const codings = [put(data), putIfSmaller(gzipSync(data, { level: 9 }), data), putIfSmaller(brotli, data)]
	return `\t{"${name}", "${type}", "${tag}", ${HASHED.test(name)}, {${codings.join(', ')}}},`
}

const [dist, cFile, packFile, depFile, target, source] = process.argv.slice(2)
const rows = dist === '-' ? [] : filesOf(dist).map((name) => row(dist, name))
if (dist !== '-' && !rows.some((text) => text.startsWith('\t{"index.html"'))) throw new Error('console: there is no index.html')

writeFileSync(packFile, Buffer.concat(packed))
writeFileSync(
	cFile,
	`/* Made by tools/pack-console.mjs: the web console's files. */
#include "api/console.h"

${
	rows.length
		? `__asm__(".pushsection .rodata\\n\\t.balign ${ALIGN}\\n\\t.globl console_pack\\n"
	"console_pack:\\n\\t.incbin \\"${packFile}\\"\\n\\t.popsection");
extern const unsigned char console_pack[];

static const struct console_file files[] = {
${rows.join('\n')}
};
const struct console console_files = {files, ${rows.length}};
`
		: 'const struct console console_files = {NULL, 0};\n'
}`,
)
const escape = (path) => path.replace(/([ #])/g, '\\$1').replace(/\$/g, '$$$$')
const inputs = [...walk(source, ['node_modules', 'dist'])]
if (dist === '-') inputs.push(join(source, 'node_modules/.package-lock.json'))
writeFileSync(depFile, `${escape(target)}: ${inputs.map(escape).join(' \\\n  ')}\n`)
