package io.pinion.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.pinion.store.value.Identity;
import java.util.List;
import org.junit.jupiter.api.Test;

class FunctionArgumentsTest {
    private static final String IDENTITY_TYPE = "{\"Product\":{\"elements\":[{\"name\":{\"some\":\"__identity__\"},"
            + "\"algebraic_type\":{\"U256\":[]}}]}}";

    @Test
    void jsonIsTakenAsItIs() {
        assertEquals("[1,-2.5,true,null,[1],{\"a\":1}]", json("1", "-2.5", "true", "null", "[1]", "{\"a\":1}"));
        assertEquals("[340282366920938463463374607431768211455]", json("340282366920938463463374607431768211455"));
    }

    @Test
    void whatIsNoJsonIsAString() {
        assertEquals("[\"Ann\",\"a b\",\"\",\"1 2\",\"{a}\"]", json("Ann", "a b", "", "1 2", "{a}"));
        assertEquals("[\"say \\\"hi\\\"\"]", json("say \"hi\""));
    }

    @Test
    void whereAStringIsWantedTheTextIsTheString() throws JsonProcessingException {
        JsonNode text = parameters("{\"String\":[]}");

        assertEquals("[\"41\"]", FunctionArguments.json(text, List.of("41")));
        assertEquals("[\"true\"]", FunctionArguments.json(text, List.of("true")));
        assertEquals("[\"Ann\"]", FunctionArguments.json(text, List.of("\"Ann\"")));
        assertEquals("[\"\\\"\"]", FunctionArguments.json(text, List.of("\"")));
    }

    @Test
    void identitiesAreSpeltAsTheServerReadsThem() throws JsonProcessingException {
        String hex = Identity.derive("localhost", "ann").toHex();

        assertEquals("[[\"0x" + hex + "\"]]", FunctionArguments.json(parameters(IDENTITY_TYPE), List.of(hex)));
        assertEquals("[[\"0x" + hex + "\"]]", FunctionArguments.json(parameters(IDENTITY_TYPE), List.of("0x" + hex)));
    }

    private static String json(String... arguments) {
        return FunctionArguments.json(MissingNode.getInstance(), List.of(arguments));
    }

    private static JsonNode parameters(String type) throws JsonProcessingException {
        return new ObjectMapper().readTree("[{\"name\":{\"some\":\"x\"},\"algebraic_type\":" + type + "}]");
    }
}
