package io.pinion.store.value;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Turns a type into {@link BsatnNode}s, each entry of the typespace once. */
final class BsatnNodeCompiler {
    private final Typespace typespace;
    private final BsatnNode[] byIndex;
    private final BitSet compiled = new BitSet();
    private final BitSet onPath = new BitSet();
    private int depth;

    BsatnNodeCompiler(Typespace typespace) {
        this.typespace = typespace;
        this.byIndex = new BsatnNode[typespace.types().size()];
    }

    BsatnNode compile(AlgebraicType type) {
        if (++depth > BsatnLayout.MAX_DEPTH) {
            throw new InvalidTypeException("the type nests deeper than " + BsatnLayout.MAX_DEPTH);
        }
        BsatnNode node = switch (type) {
            case AlgebraicType.Ref(int index) -> compileRef(index);
            case AlgebraicType.Sum(List<AlgebraicType.Element> variants) -> sum(compileAll(variants));
            case AlgebraicType.Product(List<AlgebraicType.Element> elements) -> product(compileAll(elements));
            case AlgebraicType.Array(AlgebraicType element) -> new BsatnNode.Array(compile(element));
            case AlgebraicType.Primitive primitive -> primitive(primitive);
        };
        depth--;
        return node;
    }

    private BsatnNode compileRef(int index) {
        AlgebraicType target = typespace.get(index);
        if (compiled.get(index)) {
            return byIndex[index];
        }
        if (onPath.get(index)) {
            return new BsatnNode.Recursion(byIndex, index);
        }
        onPath.set(index);
        byIndex[index] = compile(target);
        onPath.clear(index);
        compiled.set(index);
        return byIndex[index];
    }

    private List<BsatnNode> compileAll(List<AlgebraicType.Element> elements) {
        List<BsatnNode> nodes = new ArrayList<>(elements.size());
        for (AlgebraicType.Element element : elements) {
            nodes.add(compile(element.type()));
        }
        return nodes;
    }

    private static BsatnNode primitive(AlgebraicType.Primitive primitive) {
        return switch (primitive) {
            case STRING -> BsatnNode.Text.INSTANCE;
            case BOOL -> BsatnNode.Bool.INSTANCE;
            default -> new BsatnNode.Plain(primitive.size());
        };
    }

    private static BsatnNode product(List<BsatnNode> fields) {
        List<BsatnNode> steps = mergePlain(fields);
        if (steps.isEmpty()) {
            return BsatnNode.Plain.UNIT;
        }
        if (steps.size() == 1 && steps.getFirst() instanceof BsatnNode.Plain plain) {
            return plain;
        }
        return new BsatnNode.Product(steps, sumOfSizes(steps));
    }

    /** Neighbours that any bytes satisfy become one step, as long as an {@code int} holds their size. */
    private static List<BsatnNode> mergePlain(List<BsatnNode> fields) {
        List<BsatnNode> steps = new ArrayList<>(fields.size());
        for (BsatnNode field : fields) {
            BsatnNode last = steps.isEmpty() ? BsatnNode.Plain.UNIT : steps.getLast();
            if (field instanceof BsatnNode.Plain
                    && last instanceof BsatnNode.Plain
                    && (long) last.fixedSize() + field.fixedSize() <= Integer.MAX_VALUE) {
                BsatnNode merged = new BsatnNode.Plain(last.fixedSize() + field.fixedSize());
                if (steps.isEmpty()) {
                    steps.add(merged);
                } else {
                    steps.set(steps.size() - 1, merged);
                }
            } else {
                steps.add(field);
            }
        }
        return steps;
    }

    private static int sumOfSizes(List<BsatnNode> steps) {
        long total = 0;
        for (BsatnNode step : steps) {
            if (step.fixedSize() == BsatnNode.VARIABLE) {
                return BsatnNode.VARIABLE;
            }
            total += step.fixedSize();
        }
        return total <= Integer.MAX_VALUE ? (int) total : BsatnNode.VARIABLE;
    }

    private static BsatnNode sum(List<BsatnNode> variants) {
        int payload =
                variants.isEmpty() ? BsatnNode.VARIABLE : variants.getFirst().fixedSize();
        for (BsatnNode variant : variants) {
            if (variant.fixedSize() != payload) {
                payload = BsatnNode.VARIABLE;
            }
        }
        boolean fixed = payload != BsatnNode.VARIABLE && payload < Integer.MAX_VALUE;
        return new BsatnNode.Sum(variants, fixed ? payload + 1 : BsatnNode.VARIABLE);
    }
}
