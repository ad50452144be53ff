using System.Text;
using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;

namespace HealthShare.UnitTests.Hl7;

public sealed class AcknowledgementTests
{
    private static readonly DateTimeOffset Now = new(2024, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void An_acknowledgement_goes_back_to_the_sender_under_its_control_id()
    {
        var received = Parse("MSH|^~\\&|APP|FAC^1.2^ISO|RAPP|RFAC|2023||ORU^R01|ID\\F\\7|T|2.6\rPID|1");
        var text = Encoding.UTF8.GetString(Acknowledgement.Write(received, "AA", "42", Now));
        Assert.Equal("MSH|^~\\&|RAPP|RFAC|APP|FAC^1.2^ISO|20240102030405+0000||ACK^R01^ACK|42|T|2.6\rMSA|AA|ID\\F\\7\r", text);
    }

    [Fact]
    public void A_fault_is_told_in_an_ERR_segment()
    {
        var received = Parse("MSH#!@%*#A#B#C#D#2023##ADT!A01#9#P#2.5.1\rPID#1\rOBX#1\rPID#2");
        var fault = MessageFault.Of(new Er7Error(Er7Fault.FieldMissing, "PID-3 is needed.", 99, "PID", 4, 3), received);
        var answer = Er7Message.Parse(Acknowledgement.Write(received, "AE", "43", Now, fault));
        Assert.Equal(("AE", "9"), (answer.Get("MSA-1").Text, answer.Get("MSA-2").Text));
        Assert.Equal(("PID", "2", "3"), (answer.Get("ERR-2.1").Text, answer.Get("ERR-2.2").Text, answer.Get("ERR-2.3").Text));
        Assert.Equal(("101", "HL70357", "E"), (answer.Get("ERR-3.1").Text, answer.Get("ERR-3.3").Text, answer.Get("ERR-4").Text));
        Assert.Contains("byte 99", answer.Get("ERR-8").Text, StringComparison.Ordinal);
        Assert.Contains("PID-3 is needed.", answer.Get("MSA-3").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PID", 2, 1)]
    [InlineData("MRG", 4, 1)]
    [InlineData("MRG", 5, 2)]
    [InlineData("MSH", 1, 1)]
    [InlineData("MSH", 7, 2)] // a second message in one, of which only the header could be read
    [InlineData("PID", 9, 0)]
    [InlineData("PID", 0, 0)] // none is there
    public void A_fault_counts_the_segments_of_its_identifier(string segment, int position, int occurrence)
    {
        var message = Parse("MSH|^~\\&|A|B|C|D|2023||ADT^A40|9|P|2.5\rPID|1\rEVN|\rMRG|1\rMRG|2");
        Assert.Equal(occurrence, MessageFault.Of(new Er7Error(Er7Fault.FieldInvalid, "x", 9, segment, position), message).SegmentNumber);
    }

    [Fact]
    public void An_older_version_gets_the_ERR_it_knows()
    {
        var received = Parse("MSH|^~\\&|A|B|C|D|2023||ADT^A01|9|P|2.3");
        var answer = Er7Message.Parse(Acknowledgement.Write(received, "AR", "44", Now, new MessageFault("100", "x", "y", "PV", 3, 0)));
        Assert.Equal("PV^3^^100&x&HL70357", answer.Get("ERR-1").RawText);
    }

    [Fact]
    public void What_had_no_readable_header_is_answered_too()
    {
        var answer = Er7Message.Parse(Acknowledgement.Write(null, "AR", "45", Now, MessageFault.Internal("Full.")));
        Assert.Equal(("AR", "", "207"), (answer.Get("MSA-1").Text, answer.Get("MSA-2").Text, answer.Get("ERR-3").Component(1).Text));
    }

    [Theory]
    [InlineData(Outcome.Accepted, "", "", "AA")]
    [InlineData(Outcome.Error, "", "", "AE")]
    [InlineData(Outcome.Rejected, "", "", "AR")]
    [InlineData(Outcome.Accepted, "AL", "NE", "CA")]
    [InlineData(Outcome.Error, "AL", "NE", "CE")]
    [InlineData(Outcome.Rejected, "AL", "AL", "CR")]
    [InlineData(Outcome.Accepted, "AL", "", "CA")]
    [InlineData(Outcome.Accepted, "ER", "NE", null)]
    [InlineData(Outcome.Rejected, "ER", "NE", "CR")]
    [InlineData(Outcome.Accepted, "SU", "NE", "CA")]
    [InlineData(Outcome.Error, "SU", "NE", null)]
    [InlineData(Outcome.Accepted, "NE", "NE", null)]
    [InlineData(Outcome.Accepted, "NE", "AL", "AA")]
    [InlineData(Outcome.Accepted, "", "AL", "AA")]
    [InlineData(Outcome.Accepted, "al", "", "CA")]
    public void The_mode_follows_what_the_sender_asked_for(Outcome outcome, string accept, string application, string? expected) =>
        Assert.Equal(expected, AcknowledgementCode.For(outcome, accept, application));

    private static Er7Message Parse(string text) => Er7Message.Parse(Encoding.UTF8.GetBytes(text));
}
