package io.pinion.actors.database;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.store.schema.ModuleDef.Parameters;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.SatsJsonException;
import io.pinion.store.value.TypeCodec;
import java.util.List;

/** What a function takes, made ready to check what it is given before it is called. Immutable. */
final class ArgumentCheck {
    private final String kind;
    private final String name;
    private final Parameters declared;
    private final BsatnLayout[] parameters;

    /** @param kind of function, for people */
    ArgumentCheck(String kind, String name, Parameters declared) {
        this.kind = kind;
        this.name = name;
        this.declared = declared;
        this.parameters = declared.elements().elements().stream()
                .map(element -> BsatnLayout.of(declared.typespace(), element.type()))
                .toArray(BsatnLayout[]::new);
    }

    /** BSATN of the product of the parameters' types, without references. */
    Bytes types() {
        return TypeCodec.toBsatn(declared.typespace().inline(declared.elements()));
    }

    /**
     * The arguments as the guest gets them. Bytes that fit are passed on as they are.
     *
     * @throws BadArgumentsException that names the parameter
     */
    Bytes check(Arguments arguments) throws BadArgumentsException {
        return switch (arguments) {
            case Arguments.Bsatn(Bytes bytes) -> check(bytes);
            case Arguments.Json(String text) -> read(text);
        };
    }

    private Bytes read(String text) throws BadArgumentsException {
        try {
            return SatsJson.readArguments(kind + " args for " + name, declared.typespace(), declared.elements(), text);
        } catch (SatsJsonException e) {
            throw bad(String.valueOf(e.getMessage()));
        }
    }

    private Bytes check(Bytes bytes) throws BadArgumentsException {
        byte[] array = bytes.unsafeArray();
        int at = 0;
        for (int i = 0; i < parameters.length; i++) {
            if (at == array.length && i > 0 && !takesNoBytes(i)) {
                throw bad("invalid length " + i + ", expected " + kind + " args for " + name + " with "
                        + parameters.length + " elements");
            }
            try {
                at = parameters[i].check(array, at, array.length);
            } catch (BsatnException e) {
                throw bad(describe(i) + ": " + e.getMessage());
            }
        }
        if (at != array.length) {
            throw bad((array.length - at) + " bytes are left over after the " + parameters.length + " arguments");
        }
        return bytes;
    }

    private boolean takesNoBytes(int parameter) {
        return parameters[parameter].fixedSize().orElse(1) == 0;
    }

    private String describe(int parameter) {
        List<Element> elements = declared.elements().elements();
        String called = elements.get(parameter).name();
        return "argument " + parameter + (called == null ? "" : " (" + called + ")");
    }

    private BadArgumentsException bad(String problem) {
        return new BadArgumentsException("invalid arguments for " + kind + " " + name + ": " + problem);
    }

    /** Says which argument is wrong and why. */
    static final class BadArgumentsException extends Exception {
        private static final long serialVersionUID = 1L;

        private final String problem;

        BadArgumentsException(String problem) {
            super(problem, null, false, false);
            this.problem = problem;
        }

        String problem() {
            return problem;
        }
    }
}
