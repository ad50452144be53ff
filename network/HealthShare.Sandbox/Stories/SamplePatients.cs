using System.Net;
using HealthShare.Chaincode.Ledger;
using HealthShare.Hl7.Mllp;
using HealthShare.Sandbox.Authenticator;

namespace HealthShare.Sandbox.Stories;

/// <summary>Gives a new sandbox its sample messages and patients, so that there is something to see.</summary>
internal static class SamplePatients
{
    // Whoever enrols in a browser brings the first passkey there; the other one's is made here, for programs.
    private static readonly (SandboxMember At, string Number, string Person, bool InBrowser)[] People =
    [
        (SandboxMember.North, Samples.PatientNumber, "Anna Keller", true), (SandboxMember.North, "N-100518", "Jonas Öztürk", false),
        (SandboxMember.South, "S-200731", "Marco Bellini", true), (SandboxMember.East, "E-300112", "Sofia Alvarez", true),
    ];

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
        foreach (var (at, number, person, inBrowser) in missing)
        {
            using var registrar = new NodeApi(consortium.SignIn(at, "registrar"));
            await LetInAsync(consortium, at, registrar, number, person, inBrowser, ct);
        }
    }

    private static async Task LetInAsync(
        Consortium consortium, SandboxMember at, NodeApi registrar, string number, string person, bool inBrowser, CancellationToken ct)
    {
        var entry = await registrar.PatientOfAsync(number, ct);
        var patientId = entry["patientId"]!.GetValue<string>();
        if (!inBrowser && entry["credentials"]!.AsArray().Count == 0)
        {
            using var passkey = SoftwareAuthenticator.Create(at.Host, SandboxNode.OriginOf(at, consortium.Ports));
            PasskeyFile.Write(consortium.State, patientId, passkey);
            using var device = new PatientDevice(patientId, passkey);
            (await registrar.PostAsync($"patients/{patientId}/first-credential", device.Credential, LedgerJson.Default.Credential, ct))
                .Expect(HttpStatusCode.Created, HttpStatusCode.OK);
        }
        consortium.Admit(new SignIn(at.Key, consortium.Node(at).Url, person, "patient", SignIn.NewToken(), patientId));
    }
}
