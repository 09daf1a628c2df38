package io.sietch.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
    private final Table table =
            new Table("append", "contender", "rate").row("raw", "7").row("a | b", "1,000");

    @Test
    void textPadsTheFirstColumnRightAndTheFiguresLeft() {
        assertThat(table.text()).isEqualTo("""
            append
              contender   rate
              raw            7
              a | b      1,000
            """);
    }

    @Test
    void markdownEscapesWhatWouldEndACell() {
        assertThat(table.markdown()).isEqualTo("""
            ## append

            | contender | rate |
            |---|---:|
            | raw | 7 |
            | a \\| b | 1,000 |
            """);
    }

    @Test
    void aRowWithTooFewCellsIsRefused() {
        assertThatThrownBy(() -> table.row("alone"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 cells for the 2 columns of append");
    }

    @Test
    void figuresKeepThreeDigits() {
        assertThat(Table.figure(1_234_567.8)).isEqualTo("1,234,568");
        assertThat(Table.figure(12.345)).isEqualTo("12.3");
        assertThat(Table.figure(1.2345)).isEqualTo("1.23");
        assertThat(Table.figure(0.12345)).isEqualTo("0.123");
        assertThat(Table.figure(0)).isEqualTo("0");
        assertThat(Table.figure(Double.NaN)).isEqualTo("-");
    }

    @Test
    void ratiosEndWithATimesSign() {
        assertThat(Table.ratio(1.004)).isEqualTo("1.00x");
        assertThat(Table.ratio(123.4)).isEqualTo("123x");
        assertThat(Table.ratio(Double.NaN)).isEqualTo("-");
    }
}
