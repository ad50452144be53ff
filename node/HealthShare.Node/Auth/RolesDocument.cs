using System.CommandLine;
using System.Globalization;
using System.Text;
using HealthShare.Node.Auth.Sessions;
using HealthShare.Node.Auth.Tokens;
using HealthShare.Node.Hosting;
using Microsoft.AspNetCore.Authorization;

namespace HealthShare.Node.Auth;

/// <summary>Writes <c>docs/roles.md</c> from the one table of permissions and from the application's own endpoints.</summary>
internal static class RolesDocument
{
    private static readonly Permission[] OwnOnly = [Permission.SeePatients, Permission.SeeRecords, Permission.SeeConsents, Permission.RelayStatements,
        Permission.SeeAccessLog, Permission.SeeNotifications, Permission.ShowHandle];

    /// <summary>The command <c>healthshare roles</c>.</summary>
    public static Command CreateCommand()
    {
        var command = new Command("roles", "Print which role may call what, as docs/roles.md has it.");
        command.SetAction(async (parse, ct) =>
        {
            await parse.InvocationConfiguration.Output.WriteAsync((await WriteAsync()).AsMemory(), ct);
            return 0;
        });
        return command;
    }

    /// <summary>The document.</summary>
    public static async Task<string> WriteAsync()
    {
        var text = new StringBuilder();
        text.Append("""
            # Roles

            Who may call what. This page is written from the node's one table: `healthshare roles > docs/roles.md`; a test compares.

            A person has one role, by the invitation with which the passkey was enrolled; a program has the role of its token or certificate.
            "own" means: about oneself, and for a delegate about the patient who appointed the delegate, while that power stands and without
            records that a hospital marked as restricted. Whoever treats sees of records only what the patient's policy permits.
            "session": a person of the role who signed in with a passkey; a token or a certificate of the role does not suffice.
            A researcher asks for research (`HRESCH`) alone. IT administrators invite staff, registrars invite patients and delegates.


            """.ReplaceLineEndings("\n"));
        Permissions(text);
        text.Append("""

            ## Addresses

            401 without a session or token, 403 `auth.forbidden` for another role, 403 `session.required` for a token where a session is
            needed. "passkey" asks a session for a fresh use of the passkey
            (403 `session.step_up_required`); with a token of a program there is none to ask for. Addresses that are open to everybody name no
            permission. "at" says which kind of member's node has the address, where not both do.


            """.ReplaceLineEndings("\n"));
        await AddressesAsync(text);
        text.Append("""

            ## Scopes of programs

            A token of the hospital's OpenID provider gives what its SMART on FHIR scopes say and the role allows. `system/…` acts as `system`,
            `patient/…` as the patient in the claim `patient`, `user/…` as the role in the claim `healthshare_role` with the staff id in
            `healthshare_staff`; a token mixes no levels. `*` stands for any resource; `read` means `rs`, `write` means `cud`. Scopes with
            search parameters give nothing. What is not listed no such token gives.

            | scope | may |
            |---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var permission in Enum.GetValues<Permission>())
        {
            if (SmartScopes.Needed(permission) is { } scope)
                text.Append(CultureInfo.InvariantCulture, $"| `{scope}` | {Auth.Permissions.WordsOf(permission)} |\n");
        }
        return text.ToString();
    }

    private static void Permissions(StringBuilder text)
    {
        var roles = Enum.GetValues<Role>();
        text.Append(CultureInfo.InvariantCulture, $"| may | {string.Join(" | ", roles.Select(RoleCode.Of))} |\n");
        text.Append(CultureInfo.InvariantCulture, $"|---|{string.Concat(roles.Select(_ => "---|"))}\n");
        foreach (var permission in Enum.GetValues<Permission>())
        {
            var cells = roles.Select(role => !Auth.Permissions.Allows(permission, role) ? ""
                : Auth.Permissions.TakesSession(permission) ? "session"
                : role is Role.Patient or Role.Delegate && OwnOnly.Contains(permission) ? "own" : "yes");
            text.Append(CultureInfo.InvariantCulture, $"| {Auth.Permissions.WordsOf(permission)} | {string.Join(" | ", cells)} |\n");
        }
    }

    private static async Task AddressesAsync(StringBuilder text)
    {
        var (hospital, regulator) = (await EndpointsAsync(NodeKind.Hospital), await EndpointsAsync(NodeKind.Regulator));
        text.Append("| address | may | passkey | at |\n|---|---|---|---|\n");
        foreach (var (address, needs) in hospital.Concat(regulator).DistinctBy(entry => entry.Key)
            .OrderBy(entry => entry.Key.Split(' ', 2)[1], StringComparer.Ordinal).ThenBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var at = (hospital.ContainsKey(address), regulator.ContainsKey(address)) switch
            {
                (true, true) => "", (true, false) => "hospital", _ => "regulator",
            };
            text.Append(CultureInfo.InvariantCulture, $"| `{address}` | {needs.May} | {(needs.StepUp ? "fresh" : "")} | {at} |\n");
        }
    }

    private static async Task<Dictionary<string, (string May, bool StepUp)>> EndpointsAsync(NodeKind kind)
    {
        await using var app = NodeApplication.Create(new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("HealthShare:Node:MspId", "AnyMSP"), new("HealthShare:Node:Kind", kind.ToString()), new("HealthShare:Fabric:ConnectionFile", "none"),
        ]).Build());
        return ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["ANY"]).Select(method => (
                Address: $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}",
                May: endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null ? "" : string.Join("; and ", endpoint.Metadata
                    .GetOrderedMetadata<NeededPermission>().Select(needed => Auth.Permissions.WordsOf(needed.Permission))),
                StepUp: endpoint.Metadata.GetMetadata<StepUpNeeded>() is not null)))
            .ToDictionary(entry => entry.Address, entry => (entry.May, entry.StepUp), StringComparer.Ordinal);
    }
}
