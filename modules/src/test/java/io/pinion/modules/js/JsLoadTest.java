package io.pinion.modules.js;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.ModuleLimits;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused when a module is loaded, and what the author is told. */
@Timeout(60)
class JsLoadTest {
    private static final String LIBRARY =
            "import { httpHandler, module, reducer, t, table, view } from 'pinion:module@1';\n";

    static String refusal(String source) {
        return refusal(Bytes.ofUtf8(source));
    }

    private static String refusal(Bytes program) {
        InvalidModuleException e =
                assertThrows(InvalidModuleException.class, () -> JsModule.load(program, ModuleLimits.DEFAULT));
        return String.valueOf(e.getMessage());
    }

    private static void assertRefused(String expected, String source) {
        String message = refusal(source);
        assertTrue(message.contains(expected), () -> "expected «" + expected + "» in «" + message + "»");
    }

    @Test
    void theDescriptionOfTheBankIsTheSameToTheByte() throws Exception {
        Bytes program = Bytes.wrap(Files.readAllBytes(JsEngineTest.BANK));

        JsModule module = JsModule.load(program, ModuleLimits.DEFAULT);

        String expected =
                Resources.text("/io/pinion/modules/js/bank-js.description.hex").strip();
        assertEquals(expected, module.definition().raw().toHex());
    }

    @Test
    void aModuleNamesTheBuildOfTheGuestLibraryThatItImports() throws Exception {
        Bytes library = Hashes.keccak256(Bytes.wrap(Resources.bytes("/io/pinion/guest/js/module.js")));
        Bytes withLibrary = Bytes.wrap(Files.readAllBytes(JsEngineTest.BANK));

        assertEquals(
                Optional.of(library),
                JsModule.load(withLibrary, ModuleLimits.DEFAULT).guestLibrary());
        assertEquals(
                Optional.of(library),
                JsModule.load(withLibrary, ModuleLimits.DEFAULT).guestLibrary());
    }

    @Test
    void bytesThatAreNotTextAreRefusedWithTheirPlace() {
        assertEquals(
                "the program is neither WebAssembly nor UTF-8 text: byte 2 (line 2) is 0xff",
                refusal(Bytes.ofHex("610aff")));
    }

    @Test
    void aSyntaxErrorIsRefusedWithItsPlace() {
        assertRefused("spacetimedb_module:2:", "const a = 1;\nconst = 2;");
        assertRefused("SyntaxError", "const a = 1;\nconst = 2;");
    }

    @Test
    void anErrorAtTheTopLevelIsRefusedWithItsPlace() {
        assertRefused("spacetimedb_module:3:9: Error: at the top", "\n\n  throw new Error('at the top');");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spacetime:sys@2.2 | this host has no version 2.2 of spacetime:sys",
                "spacetime:sys@3.0 | this host has no version 3.0 of spacetime:sys",
                "spacetime:sys@two | names no version",
                "pinion:module@9 | this host has no module \"pinion:module@9\"",
                "node:fs | cannot import \"node:fs\"",
                "./other.js | cannot import \"",
                "/etc/passwd | cannot import \"",
                "file:///etc/passwd | cannot import \"file:///etc/passwd\"",
                "left-pad | cannot import \"left-pad\""
            })
    void anUnknownImportIsRefusedByName(String specifier, String expected) {
        assertRefused(expected, "import * as x from '" + specifier + "';\nexport default x;");
        assertRefused(expected, "export default await import('" + specifier + "');");
    }

    @Test
    void aMinorVersionHasOnlyItsAdditions() {
        assertRefused(
                "datastore_clear",
                "import { datastore_clear } from 'spacetime:sys@2.0'; export default datastore_clear;");
        assertRefused(
                "table_id_from_name", "import { table_id_from_name } from 'spacetime:sys@2.1'; export default 1;");
        assertRefused("register_hooks", "import { register_hooks } from 'spacetime:sys@2.0'; export default 1;");
    }

    @Test
    void aModuleWithoutADefaultExportIsRefused() {
        assertRefused("has no default export", "export const a = 1;");
        assertRefused("the default export is not a schema", "export default { a: 1 };");
    }

    @Test
    void wrongHooksAreRefusedByName() {
        String hooks =
                "import { moduleHooks } from 'spacetime:sys@2.0'; export default { [moduleHooks]() { return %s; } };";
        assertRefused("hooks have to be an object, not number", hooks.formatted("5"));
        assertRefused("__describe_module__ has to be a function", hooks.formatted("{}"));
        assertRefused(
                "__call_view__ has to be a function",
                hooks.formatted("new class { __describe_module__() {} __get_error_constructor__() {} "
                        + "__sender_error_class__ = Error; __call_reducer__() {} }"));
    }

    @Test
    void hooksOfBothVersionsAreRefused() {
        assertRefused(
                "is registered already",
                "import { register_hooks } from 'spacetime:sys@1.0'; const h = { __describe_module__() {}, __call_reducer__() {} };"
                        + "register_hooks(h); register_hooks(h);");
    }

    @Test
    void aDescriptionThatIsNoneIsRefused() {
        String hooks =
                "import { register_hooks } from 'spacetime:sys@1.0'; register_hooks({ __call_reducer__() {}, __describe_module__() { return %s; } });";
        assertRefused("__describe_module__ returned string", hooks.formatted("'x'"));
        assertRefused("Errors occurred", hooks.formatted("new Uint8Array([9, 9])"));
        assertRefused("returned a promise", hooks.formatted("Promise.resolve(1)"));
    }

    @Test
    void theHostIsOutOfReach() {
        assertRefused(
                "defined: none",
                "import 'spacetime:sys@2.0';"
                        + "const names = ['Java', 'Packages', 'java', 'Polyglot', 'Graal', 'load', 'print', 'require', 'process',"
                        + " 'fetch', 'setTimeout', 'Worker', 'XMLHttpRequest', 'performance', 'Deno', 'Debug', 'arguments'];"
                        + "throw new Error('defined: ' + (names.filter(name => name in globalThis).join() || 'none'));");
    }

    @Test
    void theConstructorChainLeadsToNoHostObject() {
        assertRefused(
                "ok",
                "import * as s from 'spacetime:sys@2.0';"
                        + "for (const f of Object.values(s)) { if (f.getClass !== undefined || f.class !== undefined) throw new Error('leak'); }"
                        + "try { new s.identity(); } catch (e) { if (e instanceof TypeError) throw new Error('ok'); }");
    }

    @Test
    void mathRandomIsTakenAway() {
        assertRefused("use ctx.random", "Math.random; export default 1;");
    }

    // What the guest library refuses

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "table({ 1: t.u8 }) | column \"1\" looks like an integer",
                "table({ 'a b': t.u8 }) | column \"a b\" is not a valid name",
                "table({ a: 5 }) | column a: expected a type (t.…), got 5",
                "table({ a: t.u8 }, { colour: 1 }) | unknown option \"colour\"",
                "table({ a: t.u8.primaryKey(), b: t.u8.primaryKey() }) | at most one primary key",
                "table({ a: t.string.autoIncrement() }) | autoIncrement needs an integer type",
                "reducer(async () => {}) | the reducer is async",
                "reducer(function* () {}) | the reducer is a generator",
                "reducer({}, () => {}, { a: 1 }) | unknown option \"a\"",
                "module({ tables: { st_a: table({ a: t.u8 }) } }) | st_a: names that start with st_",
                "module({ tables: { a: table({ a: t.u8 }, { schedule: 'b' }) } }) | there is no reducer \"b\"",
                "module({ reducers: { 'no good': reducer(() => {}) } }) | \"no good\" is not a valid name",
                "module({ reducers: { f: () => {} } }) | reducers.f: expected a reducer(…)",
                "module({ reducer: {} }) | unknown option \"reducer\"",
                "httpHandler(() => '', { routes: ['FETCH /'] }) | expected a text like 'GET /path' or 'ANY /path', got \"FETCH /\"",
                "httpHandler(() => '', { routes: 'GET /' }) | httpHandler: routes: expected an array",
                "httpHandler(async () => '') | the HTTP handler is async",
                "module({ rowRules: [1] }) | module: rowRules: expected SQL texts, got 1",
                "view(t.array(t.object('Row', { a: t.u8 })), () => [], { primaryKey: 1 }) | view: primaryKey: expected a name, got 1",
                "table({ a: t.u8.default(300) }).named('x') ?? module({ tables: { x: table({ a: t.u8.default(300) }) } }) | x.a: default: 300 is out of the range of u8"
            })
    void theLibraryRefusesByName(String expression, String expected) {
        assertRefused(expected, LIBRARY + "export default " + expression + ";");
    }

    @Test
    void theLibraryDescribesHandlersRoutesRowRulesAndTheKeysOfViews() throws InvalidModuleException {
        String source = LIBRARY + """
                const notes = table({ id: t.u64.primaryKey(), owner: t.identity });
                const Note = t.object('NoteView', { number: t.u64, text: t.string });
                export default module({
                  tables: { notes },
                  views: { mine: view(t.array(Note), () => [], { primaryKey: 'number' }) },
                  httpHandlers: {
                    one: httpHandler(() => 'x', { routes: ['GET /one', 'ANY '] }),
                    none: httpHandler(() => 'x'),
                  },
                  rowRules: ['SELECT * FROM notes WHERE owner = :sender'],
                });
                """;

        ModuleDef definition =
                JsModule.load(Bytes.ofUtf8(source), ModuleLimits.DEFAULT).definition();

        assertEquals(
                List.of("none", "one"),
                definition.httpHandlers().stream()
                        .map(ModuleDef.HttpHandlerDef::name)
                        .toList());
        assertEquals(
                List.of(
                        new ModuleDef.HttpRouteDef("one", Optional.of("GET"), "/one"),
                        new ModuleDef.HttpRouteDef("one", Optional.empty(), "")),
                definition.httpRoutes());
        assertEquals(0, definition.view("mine").orElseThrow().primaryKey().orElseThrow());
        assertEquals(List.of("SELECT * FROM notes WHERE owner = :sender"), definition.rowLevelSecurity());
    }
}
