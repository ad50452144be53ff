using System.Text;

namespace HealthShare.Sandbox.Stories;

/// <summary>
/// Two files in North's watched folder: a result of the story's patient with a code that North's own rules alone know for HIV, and one that is no HL7.
/// </summary>
internal static class FolderStory
{
    private const string Result = "rapid-test.hl7", NoMessage = "letter.hl7";

    private static readonly string Message = string.Join('\r',
        "MSH|^~\\&|LAB|NORTH|NODE|NORTH|20260302091500+0100||ORU^R01^ORU_R01|N-LAB-0107|P|2.5.1|||||||UNICODE UTF-8",
        $"PID|1||{Samples.PatientNumber}^^^{Samples.PatientNumberAuthority}^MR||Keller^Anna^Maria||19790612|F",
        "OBR|1|P-7107^ORDERS|F-9107^LAB|HX-901^Rapid test^L|||20260302090000+0100|||||||||1188^Brandt^Nora^^^Dr.||||||20260302091000+0100||CH|F",
        "OBX|1|ST|HX-901^Rapid test^L||negative||negative|N|||F|||20260302090000+0100", "");

    /// <summary>Puts both there and waits until the one is in <c>done</c> and the other in <c>failed</c>, with the reason beside it.</summary>
    public static async Task<string> PlayAsync(Consortium consortium, CancellationToken ct)
    {
        var folder = SandboxIntake.FolderOf(consortium.State, SandboxMember.North);
        await PutAsync(folder, Result, Message, ct);
        await PutAsync(folder, NoMessage, "Dear colleague, thank you for seeing our patient.", ct);
        var reason = await StoryTeller.WaitForAsync("both files to be moved", async () =>
            File.Exists(Path.Combine(folder, "done", Result)) && File.Exists(Path.Combine(folder, "failed", NoMessage))
                ? await File.ReadAllTextAsync(Path.Combine(folder, "failed", NoMessage + ".error"), ct) : null, ct);
        StoryTeller.Check(reason.Length > 0, "no reason stands beside the file that failed");
        return $"done/{Result}, failed/{NoMessage}";
    }

    // As a sender should: under a name that is left alone, then by one rename.
    private static async Task PutAsync(string folder, string name, string content, CancellationToken ct)
    {
        var unfinished = Path.Combine(folder, name + ".tmp");
        await File.WriteAllTextAsync(unfinished, content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), ct);
        File.Move(unfinished, Path.Combine(folder, name));
    }
}
