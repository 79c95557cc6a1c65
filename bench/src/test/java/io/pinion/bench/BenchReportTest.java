package io.pinion.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class BenchReportTest {
    private static BenchReport report() {
        BenchReport report = new BenchReport("transfer", "abc123");
        report.addWithMinimum("wasm_1024", "calls_per_s", "1/s", 299_999.5, 300_000);
        report.addWithMaximum("wasm_1024", "errors", "", 0, 0);
        report.add("wasm_1024", "p50_us", "µs", 12.345);
        return report;
    }

    private static String printed(Consumer<PrintWriter> print) {
        StringWriter text = new StringWriter();
        print.accept(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void theJsonIsOneLineWithEveryFigureAndWhetherItsTargetIsMet() {
        String line = printed(out -> report().print(true, out));

        assertEquals(
                "{\"bench\": \"transfer\", \"commit\": \"abc123\", \"jdk\": \"" + Runtime.version()
                        + "\", \"results\": ["
                        + "{\"case\": \"wasm_1024\", \"metric\": \"calls_per_s\", \"unit\": \"1/s\", \"value\": 299999.50,"
                        + " \"target\": 300000, \"met\": false}, "
                        + "{\"case\": \"wasm_1024\", \"metric\": \"errors\", \"unit\": \"\", \"value\": 0,"
                        + " \"target\": 0, \"met\": true}, "
                        + "{\"case\": \"wasm_1024\", \"metric\": \"p50_us\", \"unit\": \"µs\", \"value\": 12.35,"
                        + " \"target\": null, \"met\": null}]}"
                        + System.lineSeparator(),
                line);
    }

    @Test
    void theTableSaysWhichTargetsAreMissed() {
        String table = printed(out -> report().print(false, out));

        assertTrue(table.contains("≥ 300000 not met"), table);
        assertTrue(table.contains("≤ 0 met"), table);
    }
}
