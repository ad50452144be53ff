using System.Net;

namespace HealthShare.Sandbox.Stories;

/// <summary>Gives the physicians and nurses of a new sandbox passkeys that the channel knows, so that an emergency can be declared by hand.</summary>
internal static class SampleStaffKeys
{
    /// <summary>Registers a key for everyone who has none; the private keys lie beside the patients' in the state folder.</summary>
    public static async Task EnsureAsync(Consortium consortium, CancellationToken ct)
    {
        foreach (var member in SandboxMember.All.Where(member => member.IsHospital))
        {
            using var registrar = new NodeApi(consortium.SignIn(member, "registrar"));
            var known = (await registrar.GetAsync("staff-keys", ct)).Expect(HttpStatusCode.OK).Json["keys"]!.AsArray()
                .Select(key => key!["staff"]!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
            foreach (var person in consortium.SignIns.Where(signIn => signIn.Node == member.Key && signIn.Role is ("physician" or "nurse")))
            {
                if (known.Contains(person.StaffId!))
                    continue;
                using var device = StaffDevice.Create(member, consortium.Ports, person);
                device.Keep(consortium.State);
                (await registrar.PostAsync("staff-keys", device.Key, ct)).Expect(HttpStatusCode.Created);
            }
        }
    }
}
