package io.pinion.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a benchmark reported, by case and metric. */
record Figures(Map<String, Double> values) {
    double of(String kase, String metric) {
        Double value = values.get(kase + " " + metric);
        if (value == null) {
            throw new AssertionError("no " + metric + " of " + kase + " among " + values);
        }
        return value;
    }

    /** Runs a benchmark and reads the JSON that it prints. */
    static Figures run(String bench, String... options) throws IOException {
        StringWriter out = new StringWriter();
        String[] arguments =
                Stream.concat(Stream.of(bench, "--json"), Stream.of(options)).toArray(String[]::new);

        int code = BenchMain.run(new PrintWriter(out), arguments);

        assertEquals(0, code);
        JsonNode report = new ObjectMapper().readTree(out.toString());
        assertEquals(bench, report.get("bench").asText());
        Map<String, Double> figures = new TreeMap<>();
        for (JsonNode figure : report.get("results")) {
            String name =
                    figure.get("case").asText() + " " + figure.get("metric").asText();
            figures.put(name, figure.get("value").asDouble());
        }
        return new Figures(figures);
    }
}
