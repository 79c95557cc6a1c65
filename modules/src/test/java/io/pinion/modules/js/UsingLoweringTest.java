package io.pinion.modules.js;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.host.HostCalls;
import java.util.ArrayList;
import java.util.List;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsingLoweringTest {
    /** Runs a function body in which {@code open(name)} gives a resource; what happened, in order. */
    private static List<String> trace(String body) throws InvalidModuleException {
        String source = """
                (function () {
                  const trace = [];
                  const open = name => ({ name, [Symbol.dispose]() { trace.push('close ' + name); } });
                  const failing = name => ({ [Symbol.dispose]() { throw new Error('cannot close ' + name); } });
                  try { (function () {%s})(); } catch (e) {
                    trace.push(e.name + ': ' + e.message + (e.suppressed ? ' / ' + e.suppressed.message : ''));
                  }
                  return trace;
                })()""".formatted(body);
        LoweredText lowered = UsingLowering.lower(source);
        assertTrue(!lowered.isUnchanged(), lowered::text);
        try (Context context = JsEngine.newContext(new BuiltinModules())) {
            context.eval(JsEngine.internalSource("border.js", Resources.text("/io/pinion/modules/js/border.js")))
                    .execute(
                            new Border(new HostCalls(DescribingHost.INSTANCE, () -> false), LoweredText.unchanged("")));
            Value result = context.eval("js", lowered.text());
            List<String> trace = new ArrayList<>();
            for (long i = 0; i < result.getArraySize(); i++) {
                trace.add(result.getArrayElement(i).asString());
            }
            return trace;
        }
    }

    @Test
    void resourcesAreClosedInReverseOrderAtTheEndOfTheirBlock() throws Exception {
        assertEquals(
                List.of("body a b", "close b", "close a", "after"),
                trace(
                        "{ using a = open('a'), b = open('b'); trace.push('body ' + a.name + ' ' + b.name) } trace.push('after')"));
    }

    @Test
    void resourcesAreClosedWhenTheBlockThrows() throws Exception {
        assertEquals(List.of("close a", "Error: x"), trace("using a = open('a')\nthrow new Error('x')"));
    }

    @Test
    void anErrorOfClosingKeepsTheErrorOfTheBlock() throws Exception {
        assertEquals(List.of("SuppressedError:  / x"), trace("using a = failing('a'); throw new Error('x');"));
        assertEquals(List.of("Error: cannot close a"), trace("using a = failing('a');"));
    }

    @Test
    void nothingNeedsNoClosing() throws Exception {
        assertEquals(List.of("body"), trace("using a = null, b = undefined; trace.push('body');"));
    }

    @Test
    void aValueThatCannotBeClosedIsRefusedAndTheOthersAreClosed() throws Exception {
        assertEquals(
                List.of("close a", "TypeError: the value of a using declaration has no [Symbol.dispose]()"),
                trace("using a = open('a'); using b = {}; trace.push('not reached');"));
    }

    @Test
    void aReturnAndAGeneratorsReturnCloseToo() throws Exception {
        assertEquals(
                List.of("close a", "1"),
                trace("const f = () => { using a = open('a'); return 1; }; trace.push(String(f()));"));
        assertEquals(
                List.of("1", "close g"),
                trace(
                        "function* g() { using a = open('g'); yield 1; yield 2; } for (const x of g()) { trace.push(String(x)); break }"));
    }

    @Test
    void aLoopClosesEachRound() throws Exception {
        assertEquals(
                List.of("a", "close a", "b", "close b"),
                trace("for (using x of [open('a'), open('b')]) { trace.push(x.name); }"));
    }

    @Test
    void whatTheBlockDeclaresKeepsItsScope() throws Exception {
        assertEquals(
                List.of("late 3", "close a"),
                trace(
                        "const early = () => 'late ' + late; using a = open('a'); const late = 3; trace.push(hoisted()); function hoisted() { return early(); }"));
    }

    @Test
    void anInitializerMayBeAnyExpression() throws Exception {
        assertEquals(
                List.of("x y", "close y", "close x"),
                trace(
                        "using a = true ? open('x') : open('z'), b = (0, [1, 2], open('y'))\nlet c = 1, d = 2\ntrace.push(a.name + ' ' + b.name)"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "const s = 'using x = 1';",
                "const s = \"{ using x = 1 }\";",
                "// using x = open()\n/* { using y = 1; } */",
                "const r = /{ using x = 1/; const q = a / b / using; ",
                "const s = `using x = ${ `{ using y = ${1}` } using z = 2`;",
                "const using = 1; using\nx = 2;",
                "a.using b; if (x) /using y = 1/.test(z)",
                "const f = x => x /2; const re = [/[/}{] using k = /g];",
                "let o = { using: 1 }; (using in o);"
            })
    void whatOnlyLooksLikeADeclarationIsLeftAlone(String source) throws Exception {
        assertEquals(source, UsingLowering.lower(source).text());
    }

    @Test
    void linesStayAndColumnsMapBack() throws Exception {
        String source = "function f() {\n  using a = g(); throw h(a);\n}\n";

        LoweredText lowered = UsingLowering.lower(source);

        assertEquals(source.lines().count(), lowered.text().lines().count());
        String line = lowered.text().lines().toList().get(1);
        assertEquals(
                new ScriptNames.Place("spacetimedb_module", 2, 18),
                lowered.place("spacetimedb_module", 2, line.indexOf("throw") + 1));
    }

    @Test
    void aDeclarationAtTheTopLevelIsRefusedWithItsPosition() {
        InvalidModuleException e =
                assertThrows(InvalidModuleException.class, () -> UsingLowering.lower("const a = 1;\n  using b = f();"));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("spacetimedb_module:2:3: a using declaration at the top level"), message);
    }
}
