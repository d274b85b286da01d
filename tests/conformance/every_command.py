"""The table of test_every_command.py: what is asked of the `openstack` client, and what it answers.

PARTS has (name, extension or None, steps). A step is (line, expected[, saved]):

- the line is what one would type behind `openstack`; {name} stands for what a step of the same part has saved;
- expected None: it prints nothing. "PATH=VALUE ..." are pairs that its output has, in JSON; of a list one row has all
  of them. A blank in a column's name is "_". With "!" before them no row has. "refused: TEXT": it fails, and says so;
- saved {name: PATH}: what later steps need of its output.

A part takes away what it has made.
"""
# Commands of the common part of the client that speak to the network API.
COMMON = ["availability zone list", "extension list", "extension show", "quota list", "quota set", "quota show"]

# What begins so, as long as the extension is not offered, and why.
NOT_OURS = [
    ("address group", "address-group", "for security groups only"),
    ("local ip", "local_ip", "for instances on many hosts"),
    ("network l3 conntrack helper", "l3-conntrack-helper", "instances could open ports"),
    ("network meter", "metering", "counters are there for each floating IP"),
    ("network segment", "segment", "a network is one segment"),
    ("security group", "security-group", "the instance's own firewall"),
]

NETWORK = [
    ("network create n1 --description one --mtu 1400 --tag red",
     "name=n1 description=one mtu=1400 status=ACTIVE admin_state_up=true router:external=false shared=false"),
    ("network list --name n1 --long", "Name=n1 State=true Router_Type=false Tags.0=red"),
    ("network list --tags red", "Name=n1"),
    ("network list --not-tags red", "!Name=n1"),
    ("network list --external", "Name=ext_net"),
    ("network set n1 --name n2 --description two --disable --tag blue --share", None),
    ("network show n2", "description=two admin_state_up=false shared=true"),
    ("network set n2 --enable --no-share --mtu 1300", None),
    ("network show n2", "admin_state_up=true shared=false mtu=1300"),
    ("network unset n2 --tag red", None),
    ("network list --tags blue", "Name=n2"),
    ("network list --tags red", "!Name=n2"),
    ("network unset n2 --all-tag", None),
    ("network create n3 --external --provider-network-type vxlan", "router:external=true provider:network_type=vxlan"),
    ("network delete n2 n3", None),
    ("network show n2", "refused: No Network found for n2"),
]

SUBNET = [
    ("network create sn", "name=sn"),
    ("subnet create s1 --network sn --subnet-range 172.16.150.0/24 --dns-nameserver 9.9.9.9 --tag red"
     " --allocation-pool start=172.16.150.10,end=172.16.150.20 --host-route destination=10.1.0.0/16,gateway=172.16.150.9",
     "name=s1 cidr=172.16.150.0/24 gateway_ip=172.16.150.1 ip_version=4 enable_dhcp=true dns_nameservers.0=9.9.9.9"
     " allocation_pools.0.start=172.16.150.10 host_routes.0.destination=10.1.0.0/16"),
    ("subnet create s6 --network sn --ip-version 6 --subnet-range 2001:db8:150::/64 --ipv6-ra-mode slaac"
     " --ipv6-address-mode slaac", "ip_version=6 ipv6_ra_mode=slaac gateway_ip=2001:db8:150::1"),
    ("subnet list --network sn --ip-version 4 --long", "Name=s1 Subnet=172.16.150.0/24 DHCP=true"),
    ("subnet list --network sn --ip-version 4", "!Name=s6"),
    ("subnet set s1 --name s2 --no-dhcp --gateway 172.16.150.2 --dns-nameserver 1.1.1.1 --description two --tag blue", None),
    ("subnet show s2", "name=s2 enable_dhcp=false gateway_ip=172.16.150.2 description=two"
     ' dns_nameservers.0=1.1.1.1 dns_nameservers.1=9.9.9.9'),
    ("subnet set s2 --no-allocation-pool --allocation-pool start=172.16.150.30,end=172.16.150.40 --no-host-route", None),
    ("subnet show s2", "allocation_pools.0.start=172.16.150.30 host_routes=[]"),
    ("subnet unset s2 --dns-nameserver 9.9.9.9 --tag red --gateway", None),
    ("subnet show s2", "dns_nameservers.0=1.1.1.1 dns_nameservers.1=null gateway_ip=null tags.0=blue"),
    ("subnet delete s2 s6", None),
    ("subnet list --network sn", "!Subnet=172.16.150.0/24"),
    ("network delete sn", None),
]

PORT = [
    ("network create pn", "name=pn"),
    ("subnet create ps --network pn --subnet-range 172.16.151.0/24", "name=ps"),
    ("port create p1 --network pn --fixed-ip subnet=ps,ip-address=172.16.151.7 --mac-address fa:16:3e:11:22:33"
     " --allowed-address ip-address=172.16.151.99 --description one --tag red",
     "name=p1 status=DOWN fixed_ips.0.ip_address=172.16.151.7 mac_address=fa:16:3e:11:22:33 description=one tags.0=red"
     " allowed_address_pairs.0.ip_address=172.16.151.99"),
    ("port list --network pn --long", "Name=p1 MAC_Address=fa:16:3e:11:22:33 Status=DOWN"),
    ("port list --fixed-ip ip-address=172.16.151.7 --network pn", "Name=p1"),
    ("port list --mac-address fa:16:3e:11:22:33", "Name=p1"),
    ("port list --network pn --tags blue", "!Name=p1"),
    ("port list --router router_100_101 --long", "Device_Owner=network:router_interface"),
    ("port set p1 --name p2 --device vm1 --device-owner compute:nova --fixed-ip subnet=ps,ip-address=172.16.151.8 --disable"
     " --tag blue", None),
    ("port show p2", "device_id=vm1 device_owner=compute:nova admin_state_up=false fixed_ips.1.ip_address=172.16.151.8"),
    ("port set p2 --no-fixed-ip --fixed-ip subnet=ps,ip-address=172.16.151.9 --no-allowed-address --enable", None),
    ("port show p2", "fixed_ips.0.ip_address=172.16.151.9 fixed_ips.1=null allowed_address_pairs=[]"
     " admin_state_up=true"),
    ("port set p2 --allowed-address ip-address=172.16.151.98", None),
    ("port unset p2 --fixed-ip subnet=ps,ip-address=172.16.151.9 --tag red"
     " --allowed-address ip-address=172.16.151.98,mac-address=fa:16:3e:11:22:33", None),
    ("port show p2", "fixed_ips=[] allowed_address_pairs=[] tags.0=blue"),
    ("port delete p2", None),
    ("port list --network pn", "!Name=p2"),
    ("network delete pn", None),
]

ROUTER = [
    ("network create rn", "name=rn"),
    ("subnet create rs --network rn --subnet-range 172.16.152.0/24", "name=rs"),
    ("subnet create rt --network rn --subnet-range 172.16.153.0/24", "name=rt"),
    ("router create r1 --description one --tag red --external-gateway ext_net --disable-snat",
     "name=r1 description=one admin_state_up=true external_gateway_info.enable_snat=false", {"id": "id"}),
    ("router show r1", "status=ACTIVE"),
    ("router list --long", "Name=r1 Status=ACTIVE State=true"),
    ("router list --tags red", "Name=r1"),
    ("router add subnet r1 rs", None),
    ("port create rp --network rn --fixed-ip subnet=rt", "name=rp"),
    ("router add port r1 rp", None),
    ("port show rp", "device_owner=network:router_interface device_id={id}"),
    ("router add route r1 --route destination=10.7.0.0/16,gateway=172.16.152.9",
     "routes.0.destination=10.7.0.0/16 routes.0.nexthop=172.16.152.9"),
    ("router remove route r1 --route destination=10.7.0.0/16,gateway=172.16.152.9", "routes=[]"),
    ("router set r1 --name r2 --route destination=10.8.0.0/16,gateway=172.16.153.9 --description two --tag blue"
     " --external-gateway ext_net --enable-snat", None),
    ("router show r2", "routes.0.destination=10.8.0.0/16 description=two external_gateway_info.enable_snat=true"),
    ("router delete r2", "refused: still has"),
    ("router unset r2 --route destination=10.8.0.0/16,gateway=172.16.153.9 --external-gateway --tag red", None),
    ("router show r2", "routes=[] external_gateway_info=null tags.0=blue"),
    ("router set r2 --disable", None),
    ("router show r2", "admin_state_up=false"),
    ("router remove subnet r2 rs", None),
    ("router remove port r2 rp", None),
    ("router delete r2", None),
    ("router list", "!Name=r2"),
    ("network delete rn", None),
]

FLOATING_IP = [
    ("router show router_100_101", "status=ACTIVE", {"router": "id"}),
    ("floating ip create ext_net --description first --tag red",
     "status=DOWN port_id=null description=first fixed_ip_address=null tags.0=red", {"ip": "floating_ip_address", "id": "id"}),
    ("floating ip create ext_net --subnet ext_subnet --floating-ip-address 10.10.10.200 --port cirros-vm1",
     "floating_ip_address=10.10.10.200 status=ACTIVE fixed_ip_address=172.16.100.3"),
    ("floating ip list --long", "Floating_IP_Address={ip} Description=first Status=DOWN"),
    ("floating ip list --port cirros-vm1", "Floating_IP_Address=10.10.10.200"),
    ("floating ip list --status DOWN", "!Floating_IP_Address=10.10.10.200"),
    ("floating ip set {ip} --port cirros-vm3 --fixed-ip-address 172.16.101.3 --description second --tag blue", None),
    ("floating ip show {ip}", "status=ACTIVE fixed_ip_address=172.16.101.3 description=second"
     " router_id={router}"),
    ("floating ip unset {id} --port --tag red", None),
    ("floating ip show {id}", "status=DOWN port_id=null tags.0=blue"),
    ("floating ip delete {ip} 10.10.10.200", None),
    ("floating ip list", "!Floating_IP_Address={ip}"),
    ("floating ip show {ip}", "refused: No FloatingIP found for"),
]

FLOATING_IP_POOL = [
    # The client has it for nova-network only, and says so.
    ("floating ip pool list", "refused: only available for Compute v2 network"),
]

PORT_FORWARDING = [
    ("floating ip create ext_net", "status=DOWN", {"ip": "floating_ip_address"}),
    ("floating ip port forwarding create {ip} --internal-ip-address 172.16.100.3 --port cirros-vm1"
     " --internal-protocol-port 80 --external-protocol-port 8080 --protocol tcp --description web",
     "external_port=8080 internal_port=80 protocol=tcp internal_ip_address=172.16.100.3 description=web", {"id": "id"}),
    ("floating ip port forwarding list {ip}", "ID={id} External_Port=8080 Internal_Port=80 Protocol=tcp"),
    ("floating ip port forwarding list {ip} --protocol udp", "!ID={id}"),
    ("floating ip port forwarding set {ip} {id} --external-protocol-port 8081 --description www", None),
    ("floating ip port forwarding show {ip} {id}", "external_port=8081 description=www internal_port=80"),
    ("floating ip port forwarding delete {ip} {id}", None),
    ("floating ip port forwarding list {ip}", "!ID={id}"),
    ("floating ip delete {ip}", None),
]

SUBNET_POOL = [
    ("subnet pool create sp1 --pool-prefix 10.60.0.0/16 --default-prefix-length 24 --min-prefix-length 20"
     " --max-prefix-length 28 --description one --tag red",
     "name=sp1 default_prefixlen=24 min_prefixlen=20 max_prefixlen=28 prefixes.0=10.60.0.0/16 description=one"),
    ("subnet pool list --long", "Name=sp1 Default_Prefix_Length=24"),
    ("network create spn", "name=spn"),
    ("subnet create sps --network spn --subnet-pool sp1", "cidr=10.60.0.0/24 gateway_ip=10.60.0.1"),
    ("subnet pool set sp1 --name sp2 --pool-prefix 10.61.0.0/16 --default-prefix-length 25 --description two --tag blue", None),
    ("subnet pool show sp2", "default_prefixlen=25 description=two"),
    ("subnet create spt --network spn --subnet-pool sp2 --prefix-length 26", "name=spt"),
    ("subnet pool unset sp2 --tag red", None),
    ("subnet pool list --tags red", "!Name=sp2"),
    ("subnet pool delete sp2", "refused: sp2"),
    ("network delete spn", None),
    ("subnet pool delete sp2", None),
    ("subnet pool list", "!Name=sp2"),
]

ADDRESS_SCOPE = [
    ("address scope create as1 --ip-version 4", "name=as1 ip_version=4 shared=false"),
    ("address scope list", "Name=as1 IP_Version=4 Shared=false"),
    ("address scope set as1 --name as2 --share", None),
    ("address scope show as2", "name=as2 shared=true"),
    ("address scope delete as2", None),
    ("address scope list", "!Name=as2"),
]

RBAC = [
    ("project create rbac-target", "name=rbac-target", {"project": "id"}),
    ("network create rbn", "name=rbn", {"network": "id"}),
    ("network rbac create --target-project rbac-target --action access_as_shared --type network rbn",
     "action=access_as_shared object_id={network} object_type=network target_project_id={project}", {"id": "id"}),
    ("network rbac list --long", "ID={id} Object_Type=network Object_ID={network} Action=access_as_shared"),
    ("project create rbac-other", "name=rbac-other", {"other": "id"}),
    ("network rbac set {id} --target-project rbac-other", None),
    ("network rbac show {id}", "target_project_id={other}"),
    ("network rbac delete {id}", None),
    ("network rbac list", "!ID={id}"),
    ("network delete rbn", None),
    ("project delete rbac-target rbac-other", None),
]

QOS = [
    ("network qos policy create q1 --description one", "name=q1 description=one shared=false is_default=false rules=[]"),
    ("network qos policy list", "Name=q1 Shared=false Default=false"),
    ("network qos policy set q1 --name q2 --share --description two", None),
    ("network qos policy show q2", "shared=true description=two"),
    ("network qos rule create q2 --type bandwidth-limit --max-kbps 10000 --max-burst-kbits 8000 --egress",
     "max_kbps=10000 max_burst_kbps=8000 direction=egress", {"id": "id"}),
    ("network qos rule list q2", "ID={id} Type=bandwidth_limit Max_Kbps=10000 Direction=egress"),
    ("network qos rule set q2 {id} --max-kbps 20000 --ingress", None),
    ("network qos rule show q2 {id}", "max_kbps=20000 direction=ingress"),
    ("network qos rule delete q2 {id}", None),
    ("network qos rule list q2", "!ID={id}"),
    ("network qos rule type list", "Type=bandwidth_limit"),
    ("network qos rule type show bandwidth_limit", "rule_type_name=bandwidth_limit"),
    ("network qos policy delete q2", None),
    ("network qos policy list", "!Name=q2"),
]

IP_AVAILABILITY = [
    ("ip availability list", "Network_Name=net100"),
    ("ip availability list --ip-version 4", "Network_Name=ext_net"),
    ("ip availability show net100", "network_name=net100 total_ips=253"),
]

AVAILABILITY_ZONE = [
    ("availability zone list --network", "Zone_Name=nova Zone_Status=available"),
]

AVAILABILITY_ZONE_COMPUTE = [
    ("availability zone list", "Zone_Name=nova Zone_Status=available"),
]

QUOTA = [
    ("project create quota-of", "name=quota-of", {"id": "id"}),
    ("quota show quota-of", "project_name=quota-of floating-ips=50 routers=10"),
    ("quota set --floating-ips 7 --networks 8 --subnets 9 --ports 10 --routers 11 quota-of", None),
    ("quota show quota-of", "floating-ips=7 networks=8 subnets=9 ports=10 routers=11"),
    ("quota list --network", "Project_ID={id} Floating_IPs=7 Networks=8"),
    ("quota list --detail --network --project quota-of", "Resource=networks Limit=8"),
    ("quota show --default quota-of", "networks=100"),
    ("project delete quota-of", None),
]

AGENT = [
    ("network agent list", "Binary=buoyd Alive=true State=true", {"id": "0.ID"}),
    ("network agent show {id}", "binary=buoyd alive=true"),
]

# Not before agents can be changed.
AGENT_CHANGES = [
    ("network agent list --host nowhere", "!Binary=buoyd"),
    ("network agent list --agent-type l3", "Alive=true", {"id": "0.ID"}),
    ("network agent set {id} --description mine", None),
    ("network agent show {id}", "description=mine"),
    ("network agent delete {id}", None),
]

L3_SCHEDULER = [
    ("network agent list --agent-type l3", "Alive=true", {"id": "0.ID"}),
    ("network agent list --router router_100_101", "Alive=true"),
    ("network agent remove router {id} router_100_101 --l3", None),
    ("network agent list --router router_100_101", "!Alive=true"),
    ("network agent add router {id} router_100_101 --l3", None),
    ("router show router_100_101", "status=ACTIVE"),
]

DHCP_SCHEDULER = [
    ("network agent list --agent-type dhcp", "Alive=true", {"id": "0.ID"}),
    ("network agent list --network net100", "Alive=true"),
    ("network agent remove network {id} net100 --dhcp", None),
    ("network agent list --network net100", "!Alive=true"),
    ("network agent add network {id} net100 --dhcp", None),
    ("network agent list --network net100", "Alive=true"),
]

FLAVOR = [
    ("network flavor profile create --description p --metainfo {{}}", "description=p", {"profile": "id"}),
    ("network flavor profile list", "ID={profile}"),
    ("network flavor profile set {profile} --description q", None),
    ("network flavor profile show {profile}", "description=q"),
    ("network flavor create f1 --service-type L3_ROUTER_NAT --description one", "name=f1 description=one"),
    ("network flavor list", "Name=f1 Service_Type=L3_ROUTER_NAT Enabled=true"),
    ("network flavor set f1 --name f2 --disable", None),
    ("network flavor show f2", "enabled=false"),
    ("network flavor add profile f2 {profile}", None),
    ("network flavor remove profile f2 {profile}", None),
    ("network flavor delete f2", None),
    ("network flavor profile delete {profile}", None),
    ("network flavor list", "!Name=f2"),
]

AUTO_TOPOLOGY = [
    ("network show net100", "name=net100", {"project": "project_id"}),
    ("network auto allocated topology create --check-resources", "refused: No default router:external network"),
    ("network set ext_net --external --default", None),
    ("network show ext_net", "is_default=true"),
    ("network create n9 --external --default --provider-network-type vxlan",
     "refused: A default external network already exists"),
    ("network auto allocated topology create", "refused: Unable to provide tenant private network"),
    ("subnet pool create usual --pool-prefix 172.16.160.0/20 --default-prefix-length 26 --default", "is_default=true"),
    ("network auto allocated topology create --check-resources", "dry_run=pass"),
    ("network auto allocated topology create --or-show", "project_id={project}", {"network": "id"}),
    ("network auto allocated topology create", "id={network}"),
    ("network show {network}", "name=auto_allocated_network admin_state_up=true"),
    ("subnet list --network {network}", "Name=auto_allocated_subnet_v4 Subnet=172.16.160.0/26"),
    ("router show auto_allocated_router", "status=ACTIVE interfaces_info.0.ip_address=172.16.160.1"),
    ("port create ap --network {network}", "name=ap", {"port": "id"}),
    ("floating ip create ext_net --port ap", "port_id={port}", {"fip": "id"}),
    ("network auto allocated topology delete", "refused: required by one or more floating IPs"),
    ("port delete ap", None),
    ("network auto allocated topology delete", None),
    ("network auto allocated topology delete", None),
    ("router list", "!Name=auto_allocated_router"),
    ("network list", "!Name=auto_allocated_network"),
    ("floating ip delete {fip}", None),
    ("subnet pool delete usual", None),
    ("network set ext_net --external --no-default", None),
    ("network show ext_net", "is_default=false"),
]

SERVICE_PROVIDER = [
    ("network service provider list", "Service_Type=L3_ROUTER_NAT Default=true"),
]

EXTENSION = [
    ("extension list --network", "Alias=router"),
    ("extension show router", "alias=router"),
    ("extension show nothing", "refused: nothing"),
]

PARTS = [
    ("network", None, NETWORK),
    ("subnet", None, SUBNET),
    ("subnet pool", "subnet_allocation", SUBNET_POOL),
    ("port", None, PORT),
    ("router", None, ROUTER),
    ("floating ip", None, FLOATING_IP),
    ("floating ip pool", "floatingip-pools", FLOATING_IP_POOL),
    ("floating ip port forwarding", "floating-ip-port-forwarding", PORT_FORWARDING),
    ("address scope", "address-scope", ADDRESS_SCOPE),
    ("network rbac", "rbac-policies", RBAC),
    ("network qos", "qos", QOS),
    ("ip availability", "network-ip-availability", IP_AVAILABILITY),
    ("availability zone", "availability_zone", AVAILABILITY_ZONE),
    ("availability zone of compute", None, AVAILABILITY_ZONE_COMPUTE),
    ("quota", None, QUOTA),
    ("network agent", None, AGENT),
    ("network agent: changes", "availability_zone", AGENT_CHANGES),
    ("network agent: routers", "l3_agent_scheduler", L3_SCHEDULER),
    ("network agent: networks", "dhcp_agent_scheduler", DHCP_SCHEDULER),
    ("network flavor", "flavors", FLAVOR),
    ("network auto allocated topology", "auto-allocated-topology", AUTO_TOPOLOGY),
    ("network service provider", "service-type", SERVICE_PROVIDER),
    ("extension", None, EXTENSION),
]
