using System.Text;
using HealthShare.Node.Intake.Journal;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>Sends what messages say of identities, and looks at what came of it.</summary>
internal static class IdentityMessages
{
    public static async Task<IntakeMessage> SendAsync(IntakeScene scene, byte[] message)
    {
        var id = (await scene.ReceiveAsync(message)).Id;
        await scene.DrainAsync();
        return await scene.FindAsync(id);
    }

    public static async Task<string> PatientAsync(IntakeScene scene, string controlId, string number) =>
        (await SendAsync(scene, IntakeScene.Message(controlId, number: number))).PatientId ?? throw new InvalidOperationException("The message has no patient.");

    public static Task<string?> DetailAsync(IntakeScene scene, string id) => scene.ScalarAsync<string>(
        $"SELECT detail FROM intake_history WHERE step = 'identity' AND message = (SELECT sequence FROM intake_message WHERE id = '{id}')");

    public static byte[] Adt(string controlId, string trigger, string number, string segments, string time = "0800", string last = "^^^NORTH^MR") => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|ADT|NORTH|||20260301{time}||ADT^{trigger}|{controlId}|P|2.5\rEVN|{trigger}\rPID|1||{number}{last}||Quastenflosser^Ada\r{segments}\r");
}
