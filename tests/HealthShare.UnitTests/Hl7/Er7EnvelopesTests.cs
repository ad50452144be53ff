using System.Text;
using HealthShare.Hl7;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Hl7;

public sealed class Er7EnvelopesTests
{
    private const string M = "MSH|^~\\&|A\rPID|1\r";

    [Theory]
    [InlineData(M + M)]
    [InlineData("BHS|^~\\&|b\r" + M + M + "BTS|2\r")]
    [InlineData("FHS|^~\\&|f\rBHS|^~\\&|b\r" + M + "BTS|1\rBHS|^~\\&|b\rBTS|0\rFTS|2\r")]
    [InlineData("FHS|^~\\&|f\r" + M + "FTS|1\r")]
    [InlineData("BHS|^~\\&|b\r" + M + "BTS||no count\r")]
    [InlineData("BHS:-+?*:b\r" + M + "BTS:1:x\r")]
    [InlineData("BHS:-+?*:b\r" + M + "BTS|1|x\r")]
    [InlineData("")]
    public void Envelopes_that_are_right_are_not_faulted(string file) => Assert.Empty(Check(file));

    [Theory]
    [InlineData("BHS|^~\\&|b\r" + M + "BTS|2\r", Er7Fault.CountMismatch, "BTS-1 says 2 messages; there are 1.")]
    [InlineData("FHS|^~\\&|f\rBHS|^~\\&|b\rBTS|0\rFTS|3\r", Er7Fault.CountMismatch, "FTS-1 says 3 batches; there are 1.")]
    [InlineData("BHS|^~\\&|b\r" + M + "BTS|two\r", Er7Fault.FieldInvalid, "is no number")]
    [InlineData("BHS|^~\\&|b\r" + M, Er7Fault.EnvelopeInvalid, "does not end (BTS)")]
    [InlineData(M + "BTS|1\r", Er7Fault.EnvelopeInvalid, "did not begin (BHS)")]
    [InlineData("FHS|^~\\&|f\r" + M, Er7Fault.EnvelopeInvalid, "does not end (FTS)")]
    [InlineData(M + "FTS|1\r", Er7Fault.EnvelopeInvalid, "did not begin (FHS)")]
    [InlineData("BHS|^~\\&|b\rBHS|^~\\&|b\rBTS|0\r", Er7Fault.EnvelopeInvalid, "does not end (BTS)")]
    public void What_is_wrong_is_told_with_its_place(string file, Er7Fault fault, string reason)
    {
        var error = Assert.Single(Check(file));
        Assert.Equal(fault, error.Fault);
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
        Assert.NotNull(error.Segment);
    }

    [SharedDataFact("data/hl7/batch")]
    public void Shared_batches_are_judged()
    {
        Assert.Empty(CheckShared("reportstream-batch_message-5130.hl7"));
        Assert.Equal(["BHS", "FHS"], CheckShared("cdcti-005_AL_ORU_R01_NBS_Simplified_0_initial_message-c36f.hl7").Select(error => error.Segment));
        Assert.Equal(["BTS", "FTS", "BTS", "FTS", "BHS", "FHS"],
            CheckShared("ballerina-parser_tests-001-60e5.hl7").Where(error => error.Fault is Er7Fault.EnvelopeInvalid).Select(error => error.Segment));
    }

    private static IReadOnlyList<Er7Error> CheckShared(string name) =>
        Er7Envelopes.Check(Er7File.Split(File.ReadAllBytes(SharedData.PathOf("data/hl7/batch/" + name))));

    private static IReadOnlyList<Er7Error> Check(string file) => Er7Envelopes.Check(Er7File.Split(Encoding.UTF8.GetBytes(file)));
}
