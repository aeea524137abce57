/**
 * `node .ci/count.mjs RESULTS CHECK_CODE TEST_CODE`: prints `N passed, N failed` from vitest's JSON report and the exit
 * codes of `npm run check` and `npm test`. Exits 1 if anything failed. Runs under any Node, for it may be all there is.
 */
import { readFileSync } from 'node:fs'

const [file = '', checkCode, testCode] = process.argv.slice(2)

/** @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile */

/** Empty if vitest did not get as far as writing a report. @returns {TestFile[]} */
function readReport() {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).testResults
  } catch {
    return []
  }
}

const files = readReport()
const tests = files.flatMap(({ assertionResults }) => assertionResults)
const passed = tests.filter(({ status }) => status === 'passed').length
const failedTests = tests.filter(({ status }) => status === 'failed').length
// A file that could not be loaded, or whose hooks failed, has no failed test of its own.
const failedFiles = files.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.every(test => test.status !== 'failed'),
).length

let failed = failedTests + failedFiles
// An error outside of any test (in the global set-up, or after the last test), and a run without tests, are failures.
if (failed === 0 && (testCode !== '0' || passed === 0)) failed = 1
if (checkCode !== '0') failed += 1
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
