package io.sietch.vnic.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Instructions, as RFC 9669 has them. */
class BpfAssemblerTest {
    @Test
    void anInstructionIsCodeRegistersJumpAndConstant() {
        long[] code = new BpfAssembler()
                .move(0, 2)
                .copy(6, 1)
                .load(BpfAssembler.WORD, 2, 1, 4)
                .loadNet(BpfAssembler.HALF, 3, 2, 12)
                .store(BpfAssembler.WORD, 10, -8, 0)
                .constant(1, 0x1122_3344_5566_7788L)
                .map(1, 9)
                .compute(BpfAssembler.AND, 3, 15)
                .computeWith(BpfAssembler.OR, 3, 4)
                .jump(BpfAssembler.IF_SIGNED_LESS, 4, -1, "end")
                .jumpWith(BpfAssembler.IF_GREATER, 2, 3, "end")
                .jump("end")
                .call(51)
                .place("end")
                .exit()
                .finish();
        assertThat(code)
                .containsExactly(
                        0x0000_0002_0000_00B7L,
                        0x0000_0000_0000_16BFL,
                        0x0000_0000_0004_1261L,
                        0x0000_0000_000C_2369L,
                        0x0000_0010_0000_03DCL,
                        0x0000_0000_FFF8_0A63L,
                        0x5566_7788_0000_0118L,
                        0x1122_3344_0000_0000L,
                        0x0000_0009_0000_1118L,
                        0x0000_0000_0000_0000L,
                        0x0000_000F_0000_0357L,
                        0x0000_0000_0000_434FL,
                        0xFFFF_FFFF_0003_04C5L,
                        0x0000_0000_0002_322DL,
                        0x0000_0000_0001_0005L,
                        0x0000_0033_0000_0085L,
                        0x0000_0000_0000_0095L);
    }

    @Test
    void aJumpToNowhereAndAProgramWithoutEndAreRefused() {
        assertThatThrownBy(() -> new BpfAssembler().jump("there").exit().finish())
                .hasMessageContaining("nowhere is [there]");
        BpfAssembler code = new BpfAssembler();
        for (int i = 0; i < BpfAssembler.MAX_INSTRUCTIONS; i++) {
            code.move(0, i);
        }
        assertThatThrownBy(code::exit).hasMessageContaining("more than 4096 instructions");
    }
}
