using System.Text;
using HealthShare.Hl7;

namespace HealthShare.UnitTests.Hl7;

/// <summary>
/// What reading takes in memory grows as the message does, whatever it is made of: counted in bytes allocated, which no busy machine changes. It says nothing of
/// the time.
/// </summary>
public sealed class Er7SizeTests
{
    private const string Header = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|1|P|2.5\rPID|1||4711^^^NORTH^MR\r";
    private const int Few = 2_000, Factor = 8;

    [Theory]
    [InlineData("OBX|1|NM|2345-7||182||||||F\r", "")] // segments
    [InlineData("|x", "OBX")] // fields
    [InlineData("~x^y&z", "OBX|1|CE|1||a")] // repetitions
    [InlineData("^x", "OBX|1|CE|1||a")] // components
    [InlineData("&x", "OBX|1|CE|1||a")] // sub-components
    [InlineData("\\T\\\\X41\\\\.br\\", "OBX|1|TX|1||a")] // escapes
    [InlineData("\\Q", "OBX|1|TX|1||a")] // escapes that are none
    [InlineData("\\M2442\\;3\\C2842\\", "OBX|1|TX|1||a")] // switches of the set
    [InlineData("a long text ", "OBX|1|TX|1||a")]
    [InlineData("\u000b\u001c\r\n", "")] // framing and empty lines
    public void Memory_for_reading_grows_with_the_size_and_no_faster(string piece, string before)
    {
        Read(Message(Few * Factor)); // what is kept for the next one is there
        var (few, many) = (Allocated(Message(Few)), Allocated(Message(Few * Factor)));
        Assert.True(many <= (Factor * 1.25 * few) + (64 * 1024), $"{few} bytes for {Few}, {many} for {Few * Factor}");

        byte[] Message(int count) => Encoding.ASCII.GetBytes(new StringBuilder(Header).Append(before).Insert(Header.Length + before.Length, piece, count).Append("\rZZZ|end\r").ToString());
    }

    private static long Allocated(byte[] message)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Read(message);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Read(byte[] bytes)
    {
        var pieces = Er7File.Split(bytes);
        Assert.Empty(Er7Envelopes.Check(pieces));
        var message = Er7Message.Parse(bytes);
        Assert.True(message.Segment("ZZZ"u8).IsPresent);
        for (var i = 0; i < message.SegmentCount; i++)
        {
            foreach (var field in message[i].Fields())
            {
                _ = field.Text;
                foreach (var repetition in field.Repetitions())
                {
                    foreach (var component in repetition.Components())
                        _ = component.Subcomponents().Count();
                }
            }
        }
        _ = Er7Continuation.Join(message);
    }
}
