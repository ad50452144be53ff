using HealthShare.Node.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HealthShare.Sandbox;

/// <summary>What a running sandbox says about itself.</summary>
internal static class Welcome
{
    /// <summary>Prints how people enrol a passkey, or why they cannot.</summary>
    /// <param name="hasPortal">True where the nodes serve pages: without them a link opens nothing.</param>
    /// <param name="signIns">Everybody, with their links.</param>
    /// <param name="file">Where all links are.</param>
    /// <param name="output">Receives the lines.</param>
    public static void PrintLinks(bool hasPortal, IReadOnlyList<SignIn> signIns, string file, TextWriter output)
    {
        if (!hasPortal)
        {
            output.WriteLine("The portal was not built, so nobody can enrol a passkey or sign in with a browser: the nodes serve their API alone.");
            output.WriteLine("  Install Node.js 20.19 or later and build again, without -p:BuildPortal=false (docs/portal.md).");
            return;
        }
        output.WriteLine("Enrol a passkey in a browser by a one-time link; whoever has one signs in at the hospital's address:");
        foreach (var signIn in signIns.Where(signIn => signIn.EnrolmentLink is not null
            && (signIn.Role is "patient" or "physician" || (signIn.Role is "auditor" && signIn.Node == SandboxMember.Regulator.Key))))
            output.WriteLine($"  {signIn.Person,-17} {signIn.Role,-10} {signIn.EnrolmentLink}");
        output.WriteLine($"  The others' links are in {file}; each start makes new ones for whoever has no passkey.");
    }

    public static void Print(Consortium consortium, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("HealthShare sandbox: three hospitals, a regulator and their channel, all on this machine. Everybody is invented.");
        output.WriteLine();
        foreach (var member in SandboxMember.All)
        {
            var intake = member.IsHospital ? $"   MLLP 127.0.0.1:{consortium.Ports.Mllp(member.Number)}" : "";
            var ipfs = consortium.Content.Daemons.TryGetValue(member.Key, out var daemon) ? $"   IPFS {daemon.Addresses.Rpc.Authority}" : "";
            output.WriteLine($"  {member.Name,-17} {SandboxNode.UrlOf(member, consortium.Ports)}{intake}   ledger 127.0.0.1:{consortium.Ports.Ledger(member.Number)}{ipfs}");
        }
        output.WriteLine();
        output.WriteLine("Files of HL7 messages are taken in as well, and moved to done or failed in the folder that they were put into; each hospital has its own label rules:");
        foreach (var member in SandboxMember.All.Where(member => member.IsHospital))
            output.WriteLine($"  {member.Name,-17} {SandboxIntake.FolderOf(consortium.State, member)}   {SandboxIntake.LabelsOf(consortium.State, member)}");
        output.WriteLine();
        PrintLinks(
            consortium.Node(SandboxMember.North).Services.GetRequiredService<IOptions<PortalOptions>>().Value.HasPage(),
            consortium.SignIns, Path.Combine(consortium.State.FullName, SignInFile.Name), output);
        output.WriteLine();
        output.WriteLine($"Programs use a bearer token from {Path.Combine(consortium.State.FullName, SignInFile.Name)}, for example:");
        var registrar = consortium.SignIn(SandboxMember.North, "registrar");
        var patient = consortium.SignIns.FirstOrDefault(signIn => signIn.Role == "patient");
        output.WriteLine(patient is null
            ? $"  curl {registrar.Url}openapi/v1.json"
            : $"  curl -H 'Authorization: Bearer {patient.Token}' {patient.Url}api/v1/patients/{patient.PatientId}/records");
        output.WriteLine("North's IT staff, by healthshare, the node's program (docs/intake.md):");
        output.WriteLine($"  HEALTHSHARE__HTTP__URL={registrar.Url} HEALTHSHARE_TOKEN={consortium.SignIn(SandboxMember.North, "itAdministrator").Token} healthshare messages list");
        output.WriteLine($"The API is described at {registrar.Url}openapi/v1.json; connection.json beside the sign-ins is for Fabric clients, "
            + $"{Consortium.TrustFile} for healthshare receipt verify --trust.");
        output.WriteLine("Ctrl+C stops it; the state is kept. --reset starts afresh, --story plays a patient's story.");
    }
}
