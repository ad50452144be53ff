using System.Text;
using HealthShare.Hl7;

namespace HealthShare.UnitTests.Hl7;

public sealed class Er7ContinuationTests
{
    [Fact]
    public void Parts_are_joined_and_the_broken_field_is_whole_again()
    {
        var first = Parse("MSH|^~\\&|A||||||ORU|1\rPID|1||7\rOBX|1|FT|c||This is the begin\rADD|\rDSC|p-1|F\r");
        var second = Parse("MSH|^~\\&|A||||||ORU|2|P|2.5||p-1\rADD|ning and the end|mg\rOBX|2|ST|d||x\rADD\rDSC|p-2|F\r");
        var third = Parse("MSH|^~\\&|A||||||ORU|3|P|2.5||p-2\rADD|^y\r");
        var whole = Er7Continuation.Join(first, second, third);
        Assert.Equal(["MSH", "PID", "OBX", "OBX"], Enumerable.Range(0, whole.SegmentCount).Select(i => Encoding.ASCII.GetString(whole[i].Identifier)));
        Assert.Equal(("This is the beginning and the end", "mg", "x^y"), (whole.Get("OBX-5").Text, whole.Get("OBX-6").Text, whole.Get("OBX[2]-5").Text));
        Assert.Equal("p-1", Er7Continuation.Next(first).Text);
    }

    [Fact]
    public void An_addendum_in_the_same_message_is_joined_too_and_a_whole_message_stays_itself()
    {
        var message = Er7Message.Parse("MSH|^~\\&|A\nOBX|1|TX|||abc\nADD|def\nADD|ghi\n"u8.ToArray());
        Assert.Equal("abcdefghi", Er7Continuation.Join(message).Get("OBX-5").Text);
        var whole = Er7Message.Parse("MSH|^~\\&|A\nPID|1\n"u8.ToArray());
        Assert.Same(whole, Er7Continuation.Join(whole));
    }

    [Fact]
    public void A_patient_and_a_visit_that_each_part_repeats_stand_in_the_whole_once_and_another_one_is_refused()
    {
        var first = Parse("MSH|^~\\&|A||||||ORU|1\rPID|1||7\rPV1|1|I\rOBX|1|FT|c||begin\rDSC|p-1|F\r");
        var second = Parse("MSH|^~\\&|A||||||ORU|2|P|2.5||p-1\rPID|1||7\rPV1|1|I\rADD|ning\rOBX|2|ST|d||x\rDSC|p-2|F\r");
        var third = Parse("MSH|^~\\&|A||||||ORU|3|P|2.5||p-2\rPID|1||7\rOBX|3|ST|e||y\r");
        Assert.Equal("MSH|^~\\&|A||||||ORU|1\rPID|1||7\rPV1|1|I\rOBX|1|FT|c||beginning\rOBX|2|ST|d||x\rOBX|3|ST|e||y\r",
            Encoding.ASCII.GetString(Er7Continuation.Join(first, second, third).Bytes.Span));
        var other = Parse("MSH|^~\\&|A||||||ORU|3|P|2.5||p-2\rPID|1||8\rOBX|3|ST|e||y\r");
        Assert.Contains("PID", Refusal(first, second, other).Position, StringComparison.Ordinal);
    }

    [Fact]
    public void A_visit_that_only_a_later_part_states_is_kept()
    {
        var whole = Er7Continuation.Join(Parse("MSH|^~\\&|A\rPID|1||7\rDSC|p-1\r"), Parse("MSH|^~\\&|A|||||||||||p-1\rPID|1||7\rPV1|1|I\r"));
        Assert.Equal("MSH|^~\\&|A\rPID|1||7\rPV1|1|I\r", Encoding.ASCII.GetString(whole.Bytes.Span));
    }

    [Fact]
    public void A_missing_or_strange_part_is_refused_with_its_place()
    {
        var first = Er7Message.Parse("MSH|^~\\&|A\rOBX|1\rADD|\rDSC|p-1|F\r"u8.ToArray());
        var stranger = Er7Message.Parse("MSH|^~\\&|A|||||||||||p-9\rADD|x\r"u8.ToArray());
        var other = Er7Message.Parse("MSH|^~\\&#|A|||||||||||p-1\rADD|x\r"u8.ToArray());
        Assert.Contains("(DSC-1)", Refusal(first).Position, StringComparison.Ordinal);
        Assert.Contains("(MSH-14)", Refusal(first, stranger).Position, StringComparison.Ordinal);
        Assert.Contains("(MSH-2)", Refusal(first, other).Position, StringComparison.Ordinal);
        Assert.Contains("DSC", Refusal(stranger, first).Position, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Er7Continuation.Join());
    }

    private static Er7Error Refusal(params Er7Message[] parts)
    {
        var error = Assert.Throws<Er7Exception>(() => Er7Continuation.Join(parts)).Error;
        Assert.Equal(Er7Fault.ContinuationInvalid, error.Fault);
        return error;
    }

    private static Er7Message Parse(string text) => Er7Message.Parse(Encoding.ASCII.GetBytes(text));
}
