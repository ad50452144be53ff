using HealthShare.Node.Content;
using HealthShare.Node.Content.Parts;
using HealthShare.Node.Intake;
using HealthShare.Vault.Records;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>Limits that have to fit together.</summary>
public sealed class IntakeOptionsTests
{
    [Fact]
    public void The_longest_message_that_may_be_allowed_can_be_read_again_in_one_piece_or_in_parts()
    {
        Assert.InRange(RecordLength.Sealed(IntakeOptions.LongestMessageBytes), 0, RecordReader.MaxSize);
        // Each part has a head of its own, and its place stands in the rest of the message.
        const int Place = 4096;
        Assert.InRange(RecordLength.Sealed(IntakeOptions.LongestMessageBytes) + (RecordParts.Most * (RecordLength.Sealed(0) + Place)), 0, RecordReader.MaxSize);
    }

    [Fact]
    public void A_longer_one_cannot_be_allowed()
    {
        Assert.True(Validate(IntakeOptions.LongestMessageBytes));
        Assert.False(Validate(IntakeOptions.LongestMessageBytes + 1));

        static bool Validate(int bytes) => new IntakeOptionsValidator().Validate(null, new IntakeOptions { MaxMessageBytes = bytes }).Succeeded;
    }
}
