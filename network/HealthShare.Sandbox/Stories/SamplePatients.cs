using System.Net;
using HealthShare.Chaincode.Ledger;
using HealthShare.Hl7.Mllp;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.Sandbox.Stories;

/// <summary>Gives a new sandbox its sample messages and patients, so that there is something to see.</summary>
internal static class SamplePatients
{
    private static readonly (string Number, string Person)[] People =
        [(Samples.PatientNumber, "Anna Keller"), ("N-100518", "Jonas Öztürk")];

    /// <summary>Sends the samples to North and lets its patients in; does nothing where that has happened before.</summary>
    public static async Task EnsureAsync(Consortium consortium, CancellationToken ct)
    {
        var missing = People.Where(person => consortium.SignIns.All(signIn => signIn.Person != person.Person)).ToList();
        if (missing.Count == 0)
            return;
        // A start that was broken off sends them again: duplicates are acknowledged and have no second effect.
        await using (var mllp = await MllpClient.ConnectAsync(
            "127.0.0.1", consortium.Ports.Mllp(SandboxMember.North.Number), cancellationToken: ct))
        {
            foreach (var name in Samples.Names)
                await mllp.SendAsync(Samples.Read(name), ct);
        }
        using var registrar = new NodeApi(consortium.SignIn(SandboxMember.North, "registrar"));
        foreach (var (number, person) in missing)
            await LetInAsync(consortium, registrar, number, person, ct);
    }

    private static async Task LetInAsync(Consortium consortium, NodeApi registrar, string number, string person, CancellationToken ct)
    {
        var entry = await registrar.PatientOfAsync(number, ct);
        var patientId = entry["patientId"]!.GetValue<string>();
        if (entry["credentials"]!.AsArray().Count == 0)
        {
            using var passkey = SoftwareAuthenticator.Create(
                SandboxMember.North.Host, SandboxNode.OriginOf(SandboxMember.North, consortium.Ports));
            PasskeyFile.Write(consortium.State, patientId, passkey);
            using var device = new PatientDevice(patientId, passkey);
            (await registrar.PostAsync($"patients/{patientId}/first-credential", device.Credential, LedgerJson.Default.Credential, ct))
                .Expect(HttpStatusCode.Created, HttpStatusCode.OK);
        }
        consortium.Admit(new SignIn(
            SandboxMember.North.Key, consortium.Node(SandboxMember.North).Url, person, "patient", SignIn.NewToken(), patientId));
    }
}
