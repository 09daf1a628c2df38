package io.sietch.crash.mutant;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A change of one kind of instruction.
 *
 * @param fits which instructions it changes
 * @param replacement emits what comes in the place of one of them
 */
public record Edit(Predicate<CodeElement> fits, BiConsumer<CodeBuilder, CodeElement> replacement) {
    private static Edit ofCall(String method, BiConsumer<CodeBuilder, InvokeInstruction> replacement) {
        return new Edit(
                element ->
                        element instanceof InvokeInstruction call && call.name().equalsString(method),
                (code, element) -> replacement.accept(code, (InvokeInstruction) element));
    }

    /** Leaves a call out; what it would have returned is the constant (ignored for void). */
    public static Edit skipCall(String method, int result) {
        return ofCall(method, (code, call) -> {
            MethodTypeDesc type = call.typeSymbol();
            for (int i = type.parameterCount() - 1; i >= 0; i--) {
                pop(code, type.parameterType(i));
            }
            if (call.opcode() != Opcode.INVOKESTATIC) {
                code.pop();
            }
            push(code, type.returnType(), result);
        });
    }

    /** Calls another method of the same class with the same parameters. */
    public static Edit callInstead(String method, String other) {
        return ofCall(method, (code, call) -> {
            ClassDesc owner = call.owner().asSymbol();
            code.invoke(call.opcode(), owner, other, call.typeSymbol(), call.isInterface());
        });
    }

    /** Reads a field of {@code this}, a long, instead of calling a method without parameters. */
    public static Edit fieldInstead(String method, String className, String field) {
        return ofCall(
                method,
                (code, call) -> code.pop().aload(0).getfield(ClassDesc.of(className), field, ConstantDescs.CD_long));
    }

    /** Reads another field of the same class and type. */
    public static Edit readInstead(String field, String other) {
        return new Edit(
                element -> element instanceof FieldInstruction access
                        && access.opcode() == Opcode.GETFIELD
                        && access.name().equalsString(field),
                (code, element) -> {
                    FieldInstruction access = (FieldInstruction) element;
                    code.getfield(access.owner().asSymbol(), other, access.typeSymbol());
                });
    }

    /** Uses another number of the same type. */
    public static Edit number(Number number, Number other) {
        return new Edit(
                element -> element instanceof ConstantInstruction constant && number.equals(constant.constantValue()),
                (code, element) -> code.loadConstant((ConstantDesc) other));
    }

    /** Makes a conditional jump jump always, or never. */
    public static Edit jump(boolean always) {
        return new Edit(
                element -> element instanceof BranchInstruction branch && branch.opcode() != Opcode.GOTO,
                (code, element) -> {
                    BranchInstruction branch = (BranchInstruction) element;
                    code.pop();
                    if (branch.opcode().name().startsWith("IF_")) {
                        code.pop();
                    }
                    if (always) {
                        code.goto_(branch.target());
                    }
                });
    }

    /** Takes another static field of the same class and type: another constant of an enum, for example. */
    public static Edit constantInstead(String field, String other) {
        return new Edit(
                element -> element instanceof FieldInstruction access
                        && access.opcode() == Opcode.GETSTATIC
                        && access.name().equalsString(field),
                (code, element) -> {
                    FieldInstruction access = (FieldInstruction) element;
                    code.getstatic(access.owner().asSymbol(), other, access.typeSymbol());
                });
    }

    /** Takes a constant for what a field holds. */
    public static Edit fieldIs(String field, int value) {
        return new Edit(
                element -> element instanceof FieldInstruction access
                        && access.opcode() == Opcode.GETFIELD
                        && access.name().equalsString(field),
                (code, element) -> {
                    code.pop();
                    push(code, ((FieldInstruction) element).typeSymbol(), value);
                });
    }

    /** Does not store what was to be stored in a field. */
    public static Edit skipStore(String field) {
        return new Edit(
                element -> element instanceof FieldInstruction access
                        && access.opcode() == Opcode.PUTFIELD
                        && access.name().equalsString(field),
                (code, element) -> {
                    pop(code, ((FieldInstruction) element).typeSymbol());
                    code.pop();
                });
    }

    /** Compares in another way: {@code IFLT} becomes {@code IFLE}, for example. */
    public static Edit compare(Opcode comparison, Opcode other) {
        return new Edit(
                element -> element instanceof BranchInstruction branch && branch.opcode() == comparison,
                (code, element) -> code.branch(other, ((BranchInstruction) element).target()));
    }

    /** Does something before anything else in the method; the stack is empty then. */
    public static Edit atStart(Consumer<CodeBuilder> prologue) {
        return new Edit(element -> true, (code, element) -> {
            prologue.accept(code);
            code.with(element);
        });
    }

    /** Returns a constant instead of what was found out. */
    public static Edit returnInstead(int value) {
        return new Edit(element -> element instanceof ReturnInstruction, (code, element) -> {
            TypeKind kind = ((ReturnInstruction) element).typeKind();
            switch (kind) {
                case VOID -> code.return_();
                case LONG -> code.pop2().loadConstant((long) value).lreturn();
                default -> code.pop().loadConstant(value).ireturn();
            }
        });
    }

    private static void pop(CodeBuilder code, ClassDesc type) {
        if (TypeKind.from(type).slotSize() == 2) {
            code.pop2();
        } else {
            code.pop();
        }
    }

    private static void push(CodeBuilder code, ClassDesc type, int value) {
        switch (TypeKind.from(type)) {
            case VOID -> {}
            case LONG -> code.loadConstant((long) value);
            case FLOAT -> code.loadConstant((float) value);
            case DOUBLE -> code.loadConstant((double) value);
            case REFERENCE -> code.aconst_null();
            default -> code.loadConstant(value);
        }
    }
}
